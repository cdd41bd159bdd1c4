import { join } from "node:path";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import type { Artifact } from "../../../pipeline/stage.ts";
import probe from "../../../stages/probe/mod.ts";
import type { ProbeMeta } from "../../../stages/probe/params.ts";
import { run as runProbe } from "../../../stages/probe/run.ts";
import { readNpy, writeNpy } from "../../../formats/npy.ts";
import denseJoin from "../../../treenet/models/dense_join.ts";
import { predictedBy } from "../../../treenet/probe/prediction_rows.ts";
import { filesOf, smallTeacher } from "../small_teacher.ts";

const config = denseJoin.config.parse({
  leaves: 2,
  channels: [4],
  strides: [4],
  leafSize: 6,
  joinWidths: [12],
});
const params = probe.params.parse({
  model: "dense-join",
  seed: 0,
  l2: { count: 3 },
  tolerance: 1e-4,
  neighbours: [3, 20],
  released: { seeds: [3, 4] },
});

/** The teacher's features of raw pixels, made up: 255 times as long. */
async function addRaw(teacher: Artifact<never>): Promise<Artifact<never>> {
  const names = ["features_train.npy", "features_test.npy"];
  for (const name of names) {
    const { shape, data } = await readNpy(join(teacher.dir, name), "float32");
    await writeNpy(join(teacher.dir, `raw_${name}`), { shape, data: data.map((value) => 255 * value) });
  }
  const added = Object.fromEntries(names.map((name) => [`raw_${name}`, ""]));
  return { ...teacher, files: { ...teacher.files, ...added } } as Artifact<never>;
}

Deno.test("probe writes probe.json in its documented shape, and predictions that it was counted from", async () => {
  await using small = await smallTeacher(denseJoin.build(config));
  const context = await small.context(denseJoin);
  const meta = await runProbe(context, params, { teacher: small.teacher });
  assertEquals(
    JSON.parse(await Deno.readTextFile(join(context.out, "probe.json"))),
    JSON.parse(JSON.stringify(meta)),
  );
  const judged = await predicted(context.out, meta);
  assertEquals([...judged.keys()], ["teacher", "random", "released"]);
  assertEquals([meta.raw, meta.released.raw], [undefined, undefined]);
  const { released } = meta;
  const layers = judged.get("released")!.repetitions.map(share);
  assertEquals(released.normalised.layers.map(({ seed, accuracy }) => [seed, accuracy]), [
    [3, layers[0]],
    [4, layers[1]],
  ]);
  assertAlmostEquals(released.normalised.accuracy, (layers[0] + layers[1]) / 2, 1e-12);
  for (const network of ["teacher", "random"] as const) {
    const { linear, knn } = meta[network];
    const { predictions, repetitions } = judged.get(network)!;
    assertEquals([linear.accuracy, linear.n], [share(predictions!), 60]);
    assertEquals([repetitions.length, linear.foldwise.length], [5, 5]);
    linear.foldwise.forEach((l2, fold) => {
      if (l2 === linear.l2) assertEquals(repetitions[fold], predictions);
    });
    const best = Math.max(...linear.path.map(({ accuracy }) => accuracy));
    assertEquals(linear.l2, linear.path.find(({ accuracy }) => accuracy === best)!.l2);
    assertEquals([linear.confusion.length, linear.perClass.length], [10, 10]);
    assert(linear.interval[0] <= linear.accuracy && linear.accuracy <= linear.interval[1]);
    assert(linear.gradientNorm <= params.tolerance);
    assertEquals(Object.keys(knn), ["3", "20"]);
    assertGreater(linear.accuracy, 0.2); // chance is 0.1
  }
});

Deno.test("with features of raw pixels, both probes judge them too, and only ours does not mind their scale", async () => {
  await using small = await smallTeacher(denseJoin.build(config));
  const context = await small.context(denseJoin);
  const meta = await runProbe(context, params, { teacher: await addRaw(small.teacher) });
  const judged = await predicted(context.out, meta);
  assertEquals([...judged.keys()], ["teacher", "random", "released", "raw", "released-raw"]);
  assertEquals(judged.get("raw")!.predictions, judged.get("teacher")!.predictions);
  assertNotEquals(judged.get("released-raw"), judged.get("released"));
  assertEquals(meta.raw!.linear.accuracy, meta.teacher.linear.accuracy);
});

/** Predicted classes of each evaluation, from predictions.npy. */
async function predicted(out: string, { predictions }: ProbeMeta) {
  const { shape, data } = await readNpy(join(out, "predictions.npy"), "uint8");
  assertEquals(shape, [predictions.length, 60]);
  return predictedBy(predictions, predictions.map((_, row) => data.slice(60 * row, 60 * (row + 1))));
}

/** Share of right answers; image i has the class i mod 10. */
function share(predictions: Uint8Array): number {
  return predictions.filter((label, i) => label === i % 10).length / 60;
}

Deno.test("probe gives the same bytes twice", async () => {
  await using small = await smallTeacher(denseJoin.build(config));
  const [first, second] = [await small.context(denseJoin), await small.context(denseJoin)];
  await runProbe(first, params, { teacher: small.teacher });
  await runProbe(second, params, { teacher: small.teacher });
  assertEquals(await filesOf(first.out), await filesOf(second.out));
});

Deno.test("probe refuses a range of penalties upside down", () => {
  assertThrows(() => probe.params.parse({ model: "cnn", seed: 0, l2: { min: 1, max: 0.1 } }));
});
