import { join } from "node:path";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import saliency from "../../../stages/saliency/mod.ts";
import { run as runSaliency } from "../../../stages/saliency/run.ts";
import { CLASSES } from "../../../formats/cifar.ts";
import { readCsv } from "../../../formats/csv.ts";
import { readNpy } from "../../../formats/npy.ts";
import cnn from "../../../treenet/models/cnn.ts";
import denseJoin from "../../../treenet/models/dense_join.ts";
import { filesOf, smallTeacher } from "../small_teacher.ts";

const tree = { leaves: 4, channels: [4, 4], strides: [3, 2], leafSize: 6, joinWidths: [12] };
const path = { channels: [4, 4], strides: [3, 2], leafSize: 6 };

const section = {
  seed: 0,
  images: 20,
  figureImages: 3,
  selectivityImages: 20,
  sanityImages: 2,
  batch: 8,
  permutations: 3,
  smoothSamples: 2,
  integrationSteps: 3,
};

Deno.test("saliency of a tree writes every output, the same bytes twice, and categories that add up", async () => {
  await using small = await smallTeacher(denseJoin.build(denseJoin.config.parse(tree)));
  const params = saliency.params.parse({ ...section, model: "dense-join", architecture: tree });
  const [first, second] = [await small.context(denseJoin), await small.context(denseJoin)];
  const meta = await runSaliency(first, params, small);
  await runSaliency(second, { ...params, batch: 5 }, small);
  const files = await filesOf(first.out);
  assertEquals(files, await filesOf(second.out));
  assertEquals(Object.keys(files), [...saliency.outputs, "null_leaves.csv"].sort());
  assertEquals((await readNpy(join(first.out, "maps.npy"))).shape, [3, 4, 32, 32]);
  const { columns, rows } = await readCsv(join(first.out, "leaves.csv"));
  assertEquals(rows.map(({ leaf }) => leaf), ["0", "1", "2", "3"]);
  const unknown = rows.flatMap((row) =>
    columns.filter((column) => row[column] === "" && !column.startsWith("best_class"))
  );
  assertEquals(unknown, []);
  const sanity = await readCsv(join(first.out, "sanity.csv"));
  assertEquals(sanity.rows.length, 4 * meta.sanity.length);
  assertEquals(meta.sanity.map(({ layer }) => layer), [
    "join.linear1",
    "leaves.output",
    "leaves.conv2",
    "leaves.conv1",
  ]);
  for (const [category, count] of Object.entries(meta.categories!)) {
    assertEquals(rows.filter((row) => row.category === category).length, count);
  }
  const shown = await readCsv(join(first.out, "figure3.csv"));
  assertEquals(shown.rows.length, 3 * meta.figure3.panels.flat().length);
  const svg = new TextDecoder().decode(files["figure3.svg"]);
  // A kind without a leaf is named in the figure.
  for (const kind of meta.figure3.absent) assertStringIncludes(svg, `no ${kind}`);
  for (const row of shown.rows) {
    assert(CLASSES.includes(row.class as typeof CLASSES[number]));
    assertStringIncludes(svg, row.class);
  }
});

Deno.test("saliency of a single path writes one map an image and no categories", async () => {
  await using small = await smallTeacher(cnn.build(cnn.config.parse(path)));
  const params = saliency.params.parse({ ...section, model: "cnn", architecture: path });
  const context = await small.context(cnn);
  const meta = await runSaliency(context, params, small);
  assertEquals([meta.leaves, meta.categories, meta.rule], [1, null, null]);
  assertEquals((await readNpy(join(context.out, "maps.npy"))).shape, [3, 1, 32, 32]);
  assertEquals(Object.keys(await filesOf(context.out)), saliency.outputs.toSorted());
  const { rows } = await readCsv(join(context.out, "leaves.csv"));
  assertEquals(rows.map(({ leaf, category }) => [leaf, category]), [["0", ""]]);
});

Deno.test("saliency asks for the module of its model", () => {
  const { model } = saliency.modules!(
    saliency.params.parse({ ...section, model: "dense-join", architecture: tree }),
  );
  assertStringIncludes(model, "treenet/models/dense_join.ts");
});
