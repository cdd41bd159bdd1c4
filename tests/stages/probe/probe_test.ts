import { join } from "node:path";
import { assert, assertEquals, assertGreater, assertNotEquals, assertThrows } from "@std/assert";
import type { Artifact } from "../../../pipeline/stage.ts";
import probe from "../../../stages/probe/mod.ts";
import { run as runProbe } from "../../../stages/probe/run.ts";
import { readNpy, writeNpy } from "../../../formats/npy.ts";
import denseJoin from "../../../treenet/models/dense_join.ts";
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
  neighbours: [3, 20],
  released: { maxEpochs: 30 },
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
  const { shape, data } = await readNpy(join(context.out, "predictions.npy"), "uint8");
  assertEquals(shape, [3, 60]);
  assertEquals(meta.predictions, ["teacher", "random", "released"]);
  assertEquals([meta.raw, meta.released.raw], [undefined, undefined]);
  const rightIn = (row: number) =>
    data.subarray(60 * row, 60 * (row + 1)).filter((label, i) => label === i % 10).length;
  assertEquals(meta.released.normalised.accuracy, rightIn(2) / 60);
  for (const [row, result] of [meta.teacher, meta.random].entries()) {
    const { linear, knn } = result;
    assertEquals([linear.accuracy, linear.n], [rightIn(row) / 60, 60]);
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
  const { shape, data } = await readNpy(join(context.out, "predictions.npy"), "uint8");
  assertEquals(shape, [5, 60]);
  assertEquals(meta.predictions, ["teacher", "random", "released", "raw", "released-raw"]);
  const row = (name: typeof meta.predictions[number]) => {
    const at = meta.predictions.indexOf(name);
    return [...data.subarray(60 * at, 60 * (at + 1))];
  };
  assertEquals(row("raw"), row("teacher"));
  assertNotEquals(row("released-raw"), row("released"));
  assertEquals(meta.raw!.linear.accuracy, meta.teacher.linear.accuracy);
  const right = row("released-raw").filter((label, i) => label === i % 10).length;
  assertEquals(meta.released.raw!.accuracy, right / 60);
});

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
