import { join } from "node:path";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { Artifact, Json } from "../../../pipeline/stage.ts";
import { readNpy } from "../../../formats/npy.ts";
import { writeSafetensors } from "../../../formats/safetensors.ts";
import ensemble from "../../../stages/ensemble/mod.ts";
import { run as runEnsemble } from "../../../stages/ensemble/run.ts";
import type { LeavesFound } from "../../../stages/ensemble/params.ts";
import { initialise } from "../../../treenet/nn/parameters.ts";
import { toPublic } from "../../../treenet/nn/weights.ts";
import cnn from "../../../treenet/models/cnn.ts";
import denseJoin from "../../../treenet/models/dense_join.ts";
import type { Model } from "../../../treenet/nn/types.ts";
import { writeTinyCifar } from "../../fixtures/tiny_cifar.ts";
import { filesOf } from "../small_teacher.ts";

const tree = { leaves: 4, channels: [4, 4], strides: [3, 3], leafSize: 6, joinWidths: [8] };

/** Runs the stage on weights of two seeds. */
async function run<Config>(
  model: Model<Config>,
  architecture: Readonly<Record<string, Json>>,
  { root, cores = 1 }: { readonly root: string; readonly cores?: number },
) {
  const encoder = model.build(model.config.parse(architecture));
  const [data, teacher, out] = await Promise.all([0, 1, 2].map(() => Deno.makeTempDir({ dir: root })));
  await writeTinyCifar(data, { perBatch: 60 });
  for (const [seed, name] of ["random", "teacher"].entries()) {
    const weights = toPublic(encoder.specs, initialise(encoder.specs, seed));
    await writeSafetensors(join(teacher, `${name}.safetensors`), weights);
  }
  const params = ensemble.params.parse({
    model: "any",
    seed: 0,
    architecture,
    trainImages: 100,
    testImages: 40,
    mapImages: 10,
    draws: 2,
  });
  const context = {
    out,
    scratch: out,
    signal: new AbortController().signal,
    cores,
    backend: "wasm",
    hints: {},
    modules: { model: { default: model } },
    progress: () => {},
    record: () => {},
  };
  const inputs = { teacher: { dir: teacher } as Artifact<never>, data: { dir: data } as Artifact<never> };
  return { out, meta: await runEnsemble(context, params, inputs) };
}

/** Shares of right answers in every row of predictions.npy. */
async function rightIn(out: string): Promise<readonly number[]> {
  const { shape: [networks, rows, n], data } = await readNpy(join(out, "predictions.npy"), "uint8");
  const labels = (await readNpy(join(out, "labels_test.npy"), "uint8")).data;
  const right = (row: number) => labels.filter((label, i) => data[n * row + i] === label).length / n;
  return Array.from({ length: networks * rows }, (_, row) => right(row));
}

const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;

Deno.test("ensemble keeps the predictions, similarities and overlaps behind its results", async () => {
  const root = await Deno.makeTempDir();
  const { out, meta } = await run(denseJoin, tree, { root });
  const both = [meta.judged!.teacher, meta.judged!.random];
  const shares = ({ single, concatenated, averaged }: LeavesFound) => [...single, concatenated, averaged];
  assertEquals(await rightIn(out), both.flatMap(shares));
  assertEquals(both[0].sizes.map(({ averaged }) => averaged.length), [4, 2, 1]);
  const overlap = await readNpy(join(out, "overlap.npy"), "float64");
  assertEquals([overlap.shape, meta.mapImages], [[2, 2, 10], 10]);
  const rows = [0, 1, 2, 3].map((row) => mean(overlap.data.subarray(10 * row, 10 * row + 10)));
  assertEquals(rows, both.flatMap((found) => [found.overlap.spearman, found.overlap.iou]));
  const cka = await readNpy(join(out, "cka.npy"), "float64");
  assertEquals(cka.shape, [2, 4, 4]);
  const below = [4, 8, 9, 12, 13, 14];
  both.forEach(({ similarity }, at) =>
    assertAlmostEquals(similarity!, mean(below.map((place) => cka.data[16 * at + place])), 1e-12)
  );
  assertEquals(
    JSON.parse(await Deno.readTextFile(join(out, "ensemble.json"))),
    JSON.parse(JSON.stringify(meta)),
  );
  await Deno.remove(root, { recursive: true });
});

Deno.test("ensemble tells the trained network from the untrained one", async () => {
  const root = await Deno.makeTempDir();
  const { teacher, random } = (await run(denseJoin, tree, { root })).meta.judged!;
  assert(teacher.similarity !== random.similarity && teacher.overlap.iou !== random.overlap.iou);
  await Deno.remove(root, { recursive: true });
});

Deno.test("ensemble has nothing to compare in a net with one leaf", async () => {
  const root = await Deno.makeTempDir();
  const { out, meta } = await run(cnn, { channels: [4], strides: [4], leafSize: 6 }, { root });
  assertEquals([meta.judged, meta.leaves, meta.mapImages], [undefined, 1, 0]);
  assertEquals(await rightIn(out), []);
  await Deno.remove(root, { recursive: true });
});

Deno.test("ensemble gives the same bytes on two cores", async () => {
  const root = await Deno.makeTempDir();
  const [one, two] = await Promise.all([1, 2].map((cores) => run(denseJoin, tree, { root, cores })));
  assertEquals(await filesOf(one.out), await filesOf(two.out));
  await Deno.remove(root, { recursive: true });
});
