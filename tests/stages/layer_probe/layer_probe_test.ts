import { join } from "node:path";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { Artifact, Json } from "../../../pipeline/stage.ts";
import { readNpy } from "../../../formats/npy.ts";
import { writeSafetensors } from "../../../formats/safetensors.ts";
import layerProbe from "../../../stages/layer_probe/mod.ts";
import { run as runLayerProbe } from "../../../stages/layer_probe/run.ts";
import { encodeLayers, layersOf } from "../../../treenet/layers.ts";
import byol from "../../../treenet/methods/byol.ts";
import dino from "../../../treenet/methods/dino.ts";
import type { Method } from "../../../treenet/method.ts";
import cnn from "../../../treenet/models/cnn.ts";
import denseJoin from "../../../treenet/models/dense_join.ts";
import resnet50 from "../../../treenet/models/resnet50.ts";
import { buildEncoder, buildNetwork, ENCODER } from "../../../treenet/network.ts";
import { encode } from "../../../treenet/nn/features.ts";
import { initialise, within } from "../../../treenet/nn/parameters.ts";
import type { Model } from "../../../treenet/nn/types.ts";
import { toPublic } from "../../../treenet/nn/weights.ts";
import { loadOps } from "../../../treenet/ops/mod.ts";
import { writeTinyCifar } from "../../fixtures/tiny_cifar.ts";
import { filesOf } from "../small_teacher.ts";

const TREE = { leaves: 2, channels: [4, 4], strides: [3, 3], leafSize: 6, joinWidths: [8, 5] };
const HEADS = { head: { hidden: 7, bottleneck: 4, prototypes: 9 } };
const LAYERS = [
  "pooled",
  "leaves",
  "leaf mean",
  "join.linear1",
  "join.relu1",
  "join.linear2",
  "join.relu2",
  "embedding",
  "head.mlp1",
  "head.mlp2",
  "head.bottleneck",
  "head.outputs",
];

interface Asked {
  readonly model: Model;
  readonly architecture: Readonly<Record<string, Json>>;
  readonly method?: Method;
  readonly section?: Readonly<Record<string, unknown>>;
  readonly cores?: number;
}

/** Runs the stage on a teacher that has the initial weights of another seed. */
async function run(root: string, { model, architecture, method = dino, section, cores = 1 }: Asked) {
  const network = buildNetwork(buildEncoder(model, architecture), method, HEADS);
  const [data, trained, out] = await Promise.all([0, 1, 2].map(() => Deno.makeTempDir({ dir: root })));
  await writeTinyCifar(data, { perBatch: 60 });
  const teacher = toPublic(network.teacherSpecs, initialise(network.teacherSpecs, 1));
  await writeSafetensors(join(trained, "teacher.safetensors"), teacher);
  const params = layerProbe.params.parse({
    model: "any",
    seed: 0,
    architecture,
    method: "any",
    heads: HEADS,
    trainImages: 100,
    testImages: 40,
    l2: [0.1, 0.01],
    ...section,
  });
  const meta = await runLayerProbe(
    {
      out,
      scratch: out,
      signal: new AbortController().signal,
      cores,
      backend: "wasm",
      hints: {},
      modules: { model: { default: model }, method: { default: method } },
      progress: () => {},
      record: () => {},
    },
    params,
    { trained: { dir: trained } as Artifact<never>, data: { dir: data } as Artifact<never> },
  );
  return { out, meta };
}

const tree: Asked = { model: denseJoin as Model, architecture: TREE };

Deno.test("layer-probe judges every layer of both networks by predictions that it keeps", async () => {
  const root = await Deno.makeTempDir();
  const { out, meta } = await run(root, { ...tree, section: { released: { seeds: [0, 1] } } });
  assertEquals(meta.layers.map(({ name }) => name), LAYERS);
  assertEquals(meta.layers.map(({ features }) => features), [8, 12, 6, 8, 8, 5, 5, 5, 7, 7, 4, 9]);
  assertEquals([meta.fitted, meta.validated, meta.tested, meta.left], [80, 20, 40, []]);
  const { shape, data } = await readNpy(join(out, "predictions.npy"), "uint8");
  const labels = (await readNpy(join(out, "labels_test.npy"), "uint8")).data;
  assertEquals(shape, [meta.predictions.length, labels.length]);
  for (const [row, { layer, reading }] of meta.predictions.entries()) {
    const share = (at: number) =>
      labels.filter((label, i) => data[at * labels.length + i] === label).length / labels.length;
    const rows = [...meta.predictions.keys()].filter((at) =>
      meta.predictions[at].layer === layer && meta.predictions[at].reading === reading
    );
    assertEquals(rows.length, reading === "released" ? 2 : 1, `${row}`);
    const { results } = meta.layers.find(({ name }) => name === layer)!;
    assertAlmostEquals(
      results[reading]!.accuracy,
      rows.reduce((sum, at) => sum + share(at), 0) / rows.length,
      1e-12,
    );
  }
  assertEquals(
    [...new Set(meta.predictions.filter(({ reading }) => reading === "released").map(({ layer }) => layer))],
    ["leaves", "join.linear1", "join.linear2", "embedding", "head.mlp1", "head.mlp2"],
  );
  const written = JSON.parse(await Deno.readTextFile(join(out, "layer_probe.json")));
  assertEquals(written, JSON.parse(JSON.stringify(meta)));
  await Deno.remove(root, { recursive: true });
});

Deno.test("layer-probe names layers that are too wide, and leaves the released probe out where it is not asked for", async () => {
  const root = await Deno.makeTempDir();
  const { meta } = await run(root, { ...tree, section: { widest: 8 } });
  assertEquals(meta.left, [{ name: "leaves", features: 12 }, { name: "head.outputs", features: 9 }]);
  assertEquals(meta.predictions.some(({ reading }) => reading === "released"), false);
  await Deno.remove(root, { recursive: true });
});

Deno.test("layer-probe finds the layers of single paths, of residual networks and of other methods' heads", async () => {
  const root = await Deno.makeTempDir();
  const single = await run(root, {
    model: cnn as Model,
    architecture: { channels: [4], strides: [4], leafSize: 6 },
    method: byol,
  });
  assertEquals(single.meta.layers.map(({ name }) => name), ["pooled", "embedding", "head.outputs"]);
  const residual = await run(root, { model: resnet50 as Model, architecture: { width: 1, mlp: [6] } });
  assertEquals(residual.meta.layers.slice(0, 2).map(({ name, features }) => [name, features]), [
    ["pooled", 32],
    ["embedding", 6],
  ]);
  await Deno.remove(root, { recursive: true });
});

Deno.test("layer-probe gives the same bytes on two cores", async () => {
  const root = await Deno.makeTempDir();
  const [one, two] = await Promise.all([1, 2].map((cores) => run(root, { ...tree, cores })));
  assertEquals(await filesOf(one.out), await filesOf(two.out));
  await Deno.remove(root, { recursive: true });
});

Deno.test("layers are those of the encoder and its head: they follow from each other, and no tensor is left", async () => {
  const ops = await loadOps("wasm", { cores: 1 });
  const network = buildNetwork(denseJoin.build(denseJoin.config.parse(TREE)), dino, HEADS);
  const weights = initialise(network.teacherSpecs, 3);
  const images = Uint8Array.from({ length: 7 * 32 * 32 * 3 }, (_, i) => (i * 7919) % 251);
  const options = { ops, batch: 3, size: 32, images };
  const before = tf.memory().numTensors;
  const layers = layersOf(network, weights, options);
  const found = await encodeLayers(network, weights, { ...options, layers });
  assertEquals(tf.memory().numTensors, before);
  const { embeddings, leaves } = await encode(network.encoder, within(weights, ENCODER), options);
  assertEquals(found.embedding, embeddings);
  assertEquals(found.leaves, leaves);
  assertEquals(found["join.relu1"], found["join.linear1"].map((value) => Math.max(0, value)));
  assertEquals(found["join.relu2"], found.embedding);
  found["leaf mean"].forEach((value, i) => {
    const [image, feature] = [Math.floor(i / 6), i % 6];
    assertAlmostEquals(value, (leaves![image * 12 + feature] + leaves![image * 12 + 6 + feature]) / 2, 1e-6);
  });
  assert(found["join.linear2"].some((value) => value < 0));
  const raw = await encodeLayers(network, weights, { ...options, layers: [layers[1]], pixels: "raw" });
  assertEquals(Object.keys(raw), ["leaves"]);
  assert(raw.leaves.some((value, i) => value !== leaves![i]));
  ops.close();
});
