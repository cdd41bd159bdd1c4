import { join } from "node:path";
import { assert, assertEquals, assertGreater, assertLess, assertStringIncludes } from "@std/assert";
import saliency from "../../../stages/saliency/mod.ts";
import { run as runSaliency } from "../../../stages/saliency/run.ts";
import { CLASSES } from "../../../formats/cifar.ts";
import { readCsv } from "../../../formats/csv.ts";
import { readNpy } from "../../../formats/npy.ts";
import { writeSafetensors } from "../../../formats/safetensors.ts";
import type { Context } from "../../../pipeline/stage.ts";
import dino from "../../../treenet/methods/dino.ts";
import { initialise } from "../../../treenet/nn/parameters.ts";
import { toPublic } from "../../../treenet/nn/weights.ts";
import cnn from "../../../treenet/models/cnn.ts";
import denseJoin from "../../../treenet/models/dense_join.ts";
import { filesOf, type SmallTeacher, smallTeacher } from "../small_teacher.ts";

const tree = { leaves: 4, channels: [4, 4], strides: [3, 2], leafSize: 6, joinWidths: [12] };
const path = { channels: [4, 4], strides: [3, 2], leafSize: 6 };

const heads = { head: { hidden: 8, bottleneck: 4, prototypes: 16 } };

/** A training's teacher, of which the stage reads the heads. */
async function withHeads(small: SmallTeacher, size: number): Promise<Inputs> {
  const { specs } = dino.build(size, dino.config.parse(heads));
  const dir = await Deno.makeTempDir({ dir: small.teacher.dir });
  const named = specs.map((spec) => ({ ...spec, name: `head.${spec.name}` }));
  const own = toPublic(named, initialise(named, 1));
  const [one] = Object.values(own); // as of the encoder, and of a leaf with heads of its own
  const tensors = { "encoder.leaves.conv1.bias": one, "head.leaf1.mlp1.bias": one, ...own };
  await writeSafetensors(join(dir, "teacher.safetensors"), tensors);
  return { trained: { ...small.teacher, dir }, teacher: small.teacher, data: small.data };
}

type Inputs = Parameters<typeof runSaliency>[2];

/** A fresh context with the modules of model and method. */
async function contextOf(small: SmallTeacher, model: unknown): Promise<Context> {
  const context = await small.context(model);
  return { ...context, modules: { ...context.modules, method: { default: dino } } };
}

const section = {
  heads,
  seed: 0,
  images: 20,
  figureImages: 3,
  selectivityImages: 20,
  sanityImages: 2,
  batch: 8,
  probeImages: 100,
  draws: 1000,
  smoothSamples: 2,
  integrationSteps: 3,
};

Deno.test("saliency of a tree writes every output, the same bytes twice, and categories that add up", async () => {
  await using small = await smallTeacher(denseJoin.build(denseJoin.config.parse(tree)));
  const params = saliency.params.parse({ ...section, model: "dense-join", architecture: tree });
  const [first, second] = [await contextOf(small, denseJoin), await contextOf(small, denseJoin)];
  const inputs = await withHeads(small, 12);
  const meta = await runSaliency(first, params, inputs);
  await runSaliency(second, { ...params, batch: 5 }, inputs);
  const files = await filesOf(first.out);
  assertEquals(files, await filesOf(second.out));
  assertEquals(
    Object.keys(files),
    [
      ...saliency.outputs,
      "gain_covariance.npy",
      "leaf_halves.npy",
      "leaf_predictions.npy",
    ].sort(),
  );
  for (const maps of ["maps.npy", "embedding_maps.npy"]) {
    assertEquals((await readNpy(join(first.out, maps))).shape, [3, 4, 32, 32]);
  }
  assertGreater(meta.methods.embedding, -1);
  assertLess(meta.methods.embedding, 0.999);
  const { columns, rows } = await readCsv(join(first.out, "leaves.csv"));
  assertEquals(rows.map(({ leaf }) => leaf), ["0", "1", "2", "3"]);
  const unknown = rows.flatMap((row) =>
    columns.filter((column) => row[column] === "" && !column.startsWith("best_class"))
  );
  assertEquals(unknown, []);
  const each = meta.each!;
  assertEquals(
    each.map(({ accuracy }) => String(accuracy.before)),
    rows.map((row) => row.probe_accuracy_before),
  );
  assertEquals(each.map(({ gains }) => String(gains[3])), rows.map((row) => row.gain_cat));
  await recounts(first.out, rows);
  const sanity = await readCsv(join(first.out, "sanity.csv"));
  assertEquals(sanity.rows.length, 4 * meta.sanity.length);
  assertEquals(meta.sanity.map(({ layer }) => layer), [
    "head.last_layer",
    "head.mlp3",
    "head.mlp2",
    "head.mlp1",
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

/** McNemar's counts and the errors of the gains follow from the arrays beside the table. */
async function recounts(dir: string, rows: readonly Readonly<Record<string, string>>[]): Promise<void> {
  const predictions = await readNpy(join(dir, "leaf_predictions.npy"), "uint8");
  const halves = (await readNpy(join(dir, "leaf_halves.npy"), "uint8")).data;
  const covariance = await readNpy(join(dir, "gain_covariance.npy"), "float64");
  assertEquals([predictions.shape, covariance.shape], [[2, 4, 60], [2, 4, 10, 10]]);
  const right = (when: number, leaf: number, image: number) =>
    predictions.data[(when * 4 + leaf) * 60 + image] === image % 10;
  for (const [half, prefix] of ["selection_", ""].entries()) {
    rows.forEach((row, leaf) => {
      const images = [...halves.keys()].filter((image) => halves[image] === half);
      const differing = images.filter((image) => right(0, leaf, image) !== right(1, leaf, image));
      assertEquals(Number(row[`${prefix}discordant`]), differing.length);
      assertEquals(
        Number(row[`${prefix}only_after_right`]),
        differing.filter((image) => right(0, leaf, image)).length,
      );
      const variance = covariance.data[((half * 4 + leaf) * 10 + 3) * 10 + 3];
      assertEquals(Number(row[`${prefix}gain_error_cat`]), Math.sqrt(variance));
    });
  }
}

Deno.test("saliency of a single path writes one map an image and no categories", async () => {
  await using small = await smallTeacher(cnn.build(cnn.config.parse(path)));
  const params = saliency.params.parse({ ...section, model: "cnn", architecture: path });
  const context = await contextOf(small, cnn);
  const meta = await runSaliency(context, params, await withHeads(small, 6));
  assertEquals([meta.leaves, meta.categories, meta.rule], [1, null, null]);
  assertEquals((await readNpy(join(context.out, "maps.npy"))).shape, [3, 1, 32, 32]);
  assertEquals(Object.keys(await filesOf(context.out)), saliency.outputs.toSorted());
  const { rows } = await readCsv(join(context.out, "leaves.csv"));
  assertEquals(rows.map(({ leaf, category }) => [leaf, category]), [["0", undefined]]);
});

Deno.test("saliency asks for the modules of its model and of the method whose head it looks through", () => {
  const { model, method } = saliency.modules!(
    saliency.params.parse({ ...section, model: "dense-join", architecture: tree }),
  );
  assertStringIncludes(model, "treenet/models/dense_join.ts");
  assertStringIncludes(method, "treenet/methods/dino.ts");
});
