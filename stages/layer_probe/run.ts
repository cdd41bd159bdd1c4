/**
 * Passes the judged images through both networks, and judges each layer's outputs.
 *
 * @module
 */
import { join } from "node:path";
import type { Artifact, Context } from "../../pipeline/stage.ts";
import { CLASSES, readCifar } from "../../formats/cifar.ts";
import { writeNpy } from "../../formats/npy.ts";
import { readSafetensors } from "../../formats/safetensors.ts";
import { encodeLayers, type Layer, layersOf } from "../../treenet/layers.ts";
import type { Method } from "../../treenet/method.ts";
import { buildEncoder, buildNetwork, ENCODER, type Network } from "../../treenet/network.ts";
import { calibrate } from "../../treenet/nn/features.ts";
import { initialise, type Weights, within } from "../../treenet/nn/parameters.ts";
import type { Model, Ops } from "../../treenet/nn/types.ts";
import { fromPublic } from "../../treenet/nn/weights.ts";
import { type Backend, loadOps } from "../../treenet/ops/mod.ts";
import { type Features, releasedProbe } from "../../treenet/probe/evaluation.ts";
import { selectRows } from "../../treenet/probe/feature_rows.ts";
import { heldOutProbe } from "../../treenet/probe/held_out.ts";
import { type Judged, judgedImages } from "../../treenet/probe/judged_images.ts";
import { type Split, stratifiedSplit } from "../../treenet/probe/split.ts";
import type { LayerProbeMeta, LayerProbeParams, LayerReading, LayerResult } from "./params.ts";

const PIXELS = 32;

/** Bytes of outputs held at a time; more layers than that take another pass. */
const BUDGET = 1e9;

/** Layers that the released code probed, on raw pixels. */
const RELEASED = ["leaves", "join.linear1", "join.linear2", "embedding", "head.mlp1", "head.mlp2"];

/** Writes the artifact's files. */
export async function run(
  context: Context,
  params: LayerProbeParams,
  { trained, data }: { readonly trained: Artifact<unknown>; readonly data: Artifact<unknown> },
): Promise<LayerProbeMeta> {
  const { default: model } = context.modules.model as { readonly default: Model };
  const { default: method } = context.modules.method as { readonly default: Method };
  const network = buildNetwork(buildEncoder(model, params.architecture), method, params.heads);
  const judged = judgedImages(await readCifar(data.dir), params);
  const split = stratifiedSplit(judged.train.labels, { share: params.holdout, seed: params.splitSeed });
  const { tensors } = await readSafetensors(join(trained.dir, "teacher.safetensors"));
  const teacher = fromPublic(network.teacherSpecs, tensors);
  const ops = await loadOps(context.backend as Backend, context);
  try {
    const layers = layersOf(network, teacher, { ops, size: PIXELS });
    const probed = layers.filter(({ size }) => size <= params.widest);
    const job: Job = { context, params, network, judged, split, ops, probed };
    const found = await judgeAll(job, { teacher, random: await untrained(job) });
    const meta: LayerProbeMeta = {
      model: params.model,
      fitted: split.kept.length,
      validated: split.held.length,
      tested: judged.test.labels.length,
      layers: probed.map(({ name, size }) => ({ name, features: size, results: resultsOf(name, found) })),
      left: layers.filter((layer) => !probed.includes(layer))
        .map(({ name, size }) => ({ name, features: size })),
      predictions: found.flatMap(({ layer, reading, predictions }) =>
        predictions.map(() => ({ layer, reading }))
      ),
    };
    await write(context.out, { judged, found, meta });
    return meta;
  } finally {
    ops.close();
  }
}

interface Job {
  readonly context: Context;
  readonly params: LayerProbeParams;
  readonly network: Network;
  readonly judged: Judged;
  readonly split: Split;
  readonly ops: Ops;
  readonly probed: readonly Layer[];
}

/** A probe of a layer, with the predicted class of every test image, of each repetition. */
interface Found {
  readonly layer: string;
  readonly reading: LayerReading;
  readonly result: LayerResult;
  readonly predictions: readonly Uint8Array[];
}

/** Initial weights, with running statistics of the judged training images where there are any. */
async function untrained({ context, params, network, judged, ops }: Job): Promise<Weights> {
  const initial = initialise(network.teacherSpecs, params.seed);
  const options = { ops, batch: params.batch, size: PIXELS, signal: context.signal };
  const encoder = await calibrate(network.encoder, within(initial, ENCODER), {
    ...options,
    images: judged.train.images,
  });
  const named = Object.entries(encoder).map(([name, values]) => [ENCODER + name, values]);
  return { ...initial, ...Object.fromEntries(named) };
}

async function judgeAll(
  job: Job,
  { teacher, random }: { readonly teacher: Weights; readonly random: Weights },
): Promise<readonly Found[]> {
  const { params, probed } = job;
  const released = params.released === null ? [] : probed.filter(({ name }) => RELEASED.includes(name));
  const total = 2 * probed.length + released.length;
  const found: Found[] = [];
  const judge = async (reading: LayerReading, weights: Weights, layers: readonly Layer[]) => {
    for (const group of groupsOf(layers, job)) {
      const outputs = await passBoth(job, {
        weights,
        group,
        pixels: reading === "released" ? "raw" : undefined,
      });
      for (const { name } of group) {
        job.context.progress(found.length, total, `${name}, ${reading}`);
        found.push({ layer: name, reading, ...await probe(job, reading, outputs(name)) });
      }
    }
  };
  await judge("teacher", teacher, probed);
  await judge("random", random, probed);
  await judge("released", teacher, released);
  return found;
}

/** Consecutive layers whose outputs fit into memory together. */
function groupsOf(layers: readonly Layer[], { judged }: Job): readonly (readonly Layer[])[] {
  const images = judged.train.labels.length + judged.test.labels.length;
  const groups: Layer[][] = [];
  let bytes = Infinity;
  for (const layer of layers) {
    const own = 4 * layer.size * images;
    bytes += own;
    if (bytes > BUDGET) {
      groups.push([]);
      bytes = own;
    }
    groups.at(-1)!.push(layer);
  }
  return groups;
}

/** Passes training and test images through a network; returns each layer's features. */
async function passBoth(
  { context, params, network, judged, ops }: Job,
  { weights, group, pixels }: {
    readonly weights: Weights;
    readonly group: readonly Layer[];
    readonly pixels?: "raw";
  },
): Promise<(layer: string) => Features> {
  const options = { ops, batch: params.batch, size: PIXELS, signal: context.signal, layers: group, pixels };
  const [train, test] = [
    await encodeLayers(network, weights, { ...options, images: judged.train.images }),
    await encodeLayers(network, weights, { ...options, images: judged.test.images }),
  ];
  const sizes = new Map(group.map(({ name, size }) => [name, size]));
  return (layer) => ({
    train: { x: train[layer], labels: judged.train.labels, size: sizes.get(layer)! },
    test: { x: test[layer], labels: judged.test.labels, size: sizes.get(layer)! },
  });
}

async function probe(
  { context, params, split }: Job,
  reading: LayerReading,
  { train, test }: Features,
): Promise<Pick<Found, "result" | "predictions">> {
  const pause = async () => {
    await new Promise((resolve) => setTimeout(resolve, 0)); // lets an abort in
    context.signal.throwIfAborted();
  };
  if (reading === "released") {
    const { result, repetitions } = await releasedProbe({ train, test }, params.released!, () => {
      context.signal.throwIfAborted();
    });
    return { result: { accuracy: result.accuracy }, predictions: repetitions };
  }
  const parts = {
    fitted: selectRows(train, split.kept),
    validated: selectRows(train, split.held),
    tested: test,
  };
  const { tested, l2, predictions } = await heldOutProbe(parts, {
    classes: CLASSES.length,
    l2: params.l2,
    pause,
  });
  return { result: { accuracy: tested, l2 }, predictions: [predictions] };
}

function resultsOf(layer: string, found: readonly Found[]) {
  const own = found.filter((each) => each.layer === layer);
  return Object.fromEntries(own.map(({ reading, result }) => [reading, result]));
}

async function write(
  out: string,
  { judged, found, meta }: {
    readonly judged: Judged;
    readonly found: readonly Found[];
    readonly meta: LayerProbeMeta;
  },
): Promise<void> {
  const { labels, index } = judged.test, n = labels.length;
  await writeNpy(join(out, "labels_test.npy"), { shape: [n], data: labels });
  await writeNpy(join(out, "index_test.npy"), { shape: [n], data: index });
  const rows = found.flatMap(({ predictions }) => predictions);
  const data = new Uint8Array(rows.length * n);
  rows.forEach((classes, row) => data.set(classes, row * n));
  await writeNpy(join(out, "predictions.npy"), { shape: [rows.length, n], data });
  await Deno.writeTextFile(join(out, "layer_probe.json"), JSON.stringify(meta, null, 2) + "\n");
}
