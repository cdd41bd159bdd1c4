import { join } from "node:path";
import { assert, assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import umap from "../../../stages/umap/mod.ts";
import { run as runUmap } from "../../../stages/umap/run.ts";
import { readCsv } from "../../../formats/csv.ts";
import { readNpy } from "../../../formats/npy.ts";
import { decodePng } from "../../../formats/png.ts";
import denseJoin from "../../../treenet/models/dense_join.ts";
import { filesOf, smallTeacher } from "../small_teacher.ts";

const config = denseJoin.config.parse({
  leaves: 2,
  channels: [4],
  strides: [4],
  leafSize: 6,
  joinWidths: [12],
});
const params = umap.params.parse({ model: "dense-join", seed: 0, neighbors: 8, epochs: 100 });

Deno.test("umap writes every output, the same bytes twice, and figures of its embeddings", async () => {
  await using small = await smallTeacher(denseJoin.build(config));
  const [first, second] = [await small.context(denseJoin), await small.context(denseJoin)];
  const meta = await runUmap(first, params, { teacher: small.teacher });
  await runUmap(second, params, { teacher: small.teacher });
  const files = await filesOf(first.out);
  assertEquals(files, await filesOf(second.out));
  assertEquals(Object.keys(files), umap.outputs.toSorted());
  assertEquals(JSON.parse(new TextDecoder().decode(files["quality.json"])), meta);
  const { shape, data } = await readNpy(join(first.out, "random_embedding.npy"), "float32");
  assertEquals(shape, [60, 2]);
  const { rows } = await readCsv(join(first.out, "figure5.csv"));
  assertEquals([rows.length, Number(rows[7].random_y), rows[7].class], [60, data[15], "horse"]);
  assertStringIncludes(new TextDecoder().decode(files["figure5.svg"]), "Random initialisation");
  assertGreater(decodePng(files["figure5.png"]).width, 1000);
  for (const { mean: { trustworthiness, continuity, knnOverlap } } of [meta.teacher, meta.random]) {
    assert([trustworthiness, continuity, knnOverlap].every((value) => 0 <= value && value <= 1));
    assertGreater(trustworthiness, 0.7);
  }
  assertEquals(meta.layouts.teacher.length, 3);
  assertGreater(meta.teacher.high.trustworthiness, meta.teacher.low.trustworthiness);
});

Deno.test("umap lays out a stratified part of the images, the same whatever the network", async () => {
  await using small = await smallTeacher(denseJoin.build(config));
  const context = await small.context(denseJoin);
  const some = { ...params, images: 40, epochs: 5, layoutSeeds: [0] };
  const meta = await runUmap(context, some, { teacher: small.teacher });
  assertEquals(meta.n, 40);
  const labels = (await readNpy(join(context.out, "labels.npy"), "uint8")).data;
  const index = (await readNpy(join(context.out, "index.npy"), "int32")).data;
  for (let label = 0; label < 10; label++) assertEquals(labels.filter((each) => each === label).length, 4);
  assertEquals(new Set(index).size, 40);
  // The generated images have class i mod 10.
  assertEquals(Array.from(index, (image) => image % 10), [...labels]);
  assertEquals((await readNpy(join(context.out, "embedding.npy"), "float32")).shape, [40, 2]);
});
