import { join } from "node:path";
import { assert, assertEquals } from "@std/assert";
import type { Artifact, Json } from "../../../pipeline/stage.ts";
import { readNpy } from "../../../formats/npy.ts";
import { writeSafetensors } from "../../../formats/safetensors.ts";
import leafProbe from "../../../stages/leaf_probe/mod.ts";
import { run as runLeafProbe } from "../../../stages/leaf_probe/run.ts";
import { initialise } from "../../../treenet/nn/parameters.ts";
import { toPublic } from "../../../treenet/nn/weights.ts";
import cnn from "../../../treenet/models/cnn.ts";
import denseJoin from "../../../treenet/models/dense_join.ts";
import randomLeaves from "../../../treenet/models/random_leaves.ts";
import type { Model } from "../../../treenet/nn/types.ts";
import { writeTinyCifar } from "../../fixtures/tiny_cifar.ts";
import { filesOf } from "../small_teacher.ts";

const tree = { leaves: 2, channels: [4, 4], strides: [3, 3], leafSize: 6 };

/** Runs the stage on weights of two seeds; `same`: those of the leaves are of one. */
async function run<Config>(
  model: Model<Config>,
  architecture: Readonly<Record<string, Json>>,
  { root, cores = 1, same = false }: {
    readonly root: string;
    readonly cores?: number;
    readonly same?: boolean;
  },
) {
  const encoder = model.build(model.config.parse(architecture));
  const [data, teacher, out] = await Promise.all([0, 1, 2].map(() => Deno.makeTempDir({ dir: root })));
  await writeTinyCifar(data, { perBatch: 60 });
  const [random, trained] = [initialise(encoder.specs, 0), initialise(encoder.specs, 1)];
  const leaves = Object.entries(random).filter(([name]) => name.startsWith("leaves."));
  const weights = { random, teacher: same ? { ...trained, ...Object.fromEntries(leaves) } : trained };
  for (const [name, values] of Object.entries(weights)) {
    await writeSafetensors(join(teacher, `${name}.safetensors`), toPublic(encoder.specs, values));
  }
  const params = leafProbe.params.parse({
    model: "any",
    seed: 0,
    architecture,
    trainImages: 100,
    testImages: 40,
    l2: { count: 3 },
  });
  const meta = await runLeafProbe(
    {
      out,
      scratch: out,
      signal: new AbortController().signal,
      cores,
      backend: "wasm",
      hints: {},
      modules: { model: { default: model } },
      progress: () => {},
      record: () => {},
    },
    params,
    { teacher: { dir: teacher } as Artifact<never>, data: { dir: data } as Artifact<never> },
  );
  return { out, meta };
}

async function rightIn(out: string): Promise<readonly number[]> {
  const { shape, data } = await readNpy(join(out, "predictions.npy"), "uint8");
  const labels = (await readNpy(join(out, "labels_test.npy"), "uint8")).data;
  return Array.from(
    { length: shape[0] },
    (_, row) => labels.filter((label, i) => data[labels.length * row + i] === label).length / labels.length,
  );
}

Deno.test("leaf-probe judges all leaves together, trained and with initial weights, by predictions it keeps", async () => {
  const root = await Deno.makeTempDir();
  const { out, meta } = await run(denseJoin, { ...tree, joinWidths: [8] }, { root });
  const { teacher, random, untrained } = meta.judged!;
  assertEquals([meta.features, untrained], [12, false]);
  assertEquals(await rightIn(out), [teacher.accuracy, random.accuracy]);
  assert(teacher.gradientNorm <= 1e-7 && random.gradientNorm <= 1e-7);
  const predictions = (await readNpy(join(out, "predictions.npy"), "uint8")).data;
  assert(predictions.subarray(0, 40).some((label, i) => label !== predictions[40 + i]));
  assertEquals(
    JSON.parse(await Deno.readTextFile(join(out, "leaf_probe.json"))),
    JSON.parse(JSON.stringify(meta)),
  );
  await Deno.remove(root, { recursive: true });
});

Deno.test("leaf-probe says of leaves that were never trained that they were not", async () => {
  const root = await Deno.makeTempDir();
  const { meta } = await run(randomLeaves, { ...tree, joinWidths: [8] }, {
    root,
    same: true,
  });
  assertEquals(meta.judged!.untrained, true);
  assertEquals(meta.judged!.teacher, meta.judged!.random);
  await Deno.remove(root, { recursive: true });
});

Deno.test("leaf-probe has nothing to judge of a net with one leaf", async () => {
  const root = await Deno.makeTempDir();
  const { out, meta } = await run(cnn, { channels: [4], strides: [4], leafSize: 6 }, {
    root,
  });
  assertEquals([meta.judged, meta.features], [undefined, 6]);
  assertEquals(await rightIn(out), []);
  await Deno.remove(root, { recursive: true });
});

Deno.test("leaf-probe gives the same bytes on two cores", async () => {
  const root = await Deno.makeTempDir();
  const architecture = { ...tree, joinWidths: [8] };
  const [one, two] = await Promise.all(
    [1, 2].map((cores) => run(denseJoin, architecture, { root, cores })),
  );
  assertEquals(await filesOf(one.out), await filesOf(two.out));
  await Deno.remove(root, { recursive: true });
});
