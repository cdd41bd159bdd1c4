/**
 * Encodes the judged images with both networks, and compares the leaves of each.
 *
 * @module
 */
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import type { Artifact, Context } from "../../pipeline/stage.ts";
import { CLASSES, readCifar, select, SIDE, stratified } from "../../formats/cifar.ts";
import { writeNpy } from "../../formats/npy.ts";
import { readSafetensors } from "../../formats/safetensors.ts";
import { leafSimilarities, meanOverPairs } from "../../treenet/ensemble/cka.ts";
import { type Ensembles, leafEnsembles } from "../../treenet/ensemble/ensembles.ts";
import { type MapOverlap, mapOverlap } from "../../treenet/ensemble/map_overlap.ts";
import { buildEncoder } from "../../treenet/network.ts";
import { encode } from "../../treenet/nn/features.ts";
import { upload, type Weights } from "../../treenet/nn/parameters.ts";
import type { Encoder, Model, Ops } from "../../treenet/nn/types.ts";
import { fromPublic } from "../../treenet/nn/weights.ts";
import { type Backend, loadOps } from "../../treenet/ops/mod.ts";
import type { LabelledFeatures } from "../../treenet/probe/feature_rows.ts";
import { type Judged, judgedImages } from "../../treenet/probe/judged_images.ts";
import { random } from "../../treenet/random.ts";
import { mapImages } from "../../treenet/saliency/map_images.ts";
import { mean } from "../../treenet/saliency/quantile.ts";
import type { EnsembleMeta, EnsembleParams, LeavesFound } from "./params.ts";

/** The first axis of every array, in this order; none for a net with one leaf. */
const NETWORKS = ["teacher", "random"] as const;

/** Number of the random stream of the images mapped, so that no other draw repeats it. */
const STREAM = 0x1e_a5_e5;

/** Writes the artifact's files. */
export async function run(
  context: Context,
  params: EnsembleParams,
  { teacher, data }: { readonly teacher: Artifact<unknown>; readonly data: Artifact<unknown> },
): Promise<EnsembleMeta> {
  const { default: model } = context.modules.model as { readonly default: Model };
  const encoder = buildEncoder(model, params.architecture);
  const judged = judgedImages(await readCifar(data.dir), params);
  const found = encoder.leaves === 1 ? [] : await compareBoth({ context, params, encoder, judged }, teacher);
  const meta: EnsembleMeta = {
    model: params.model,
    leaves: encoder.leaves,
    trainImages: judged.train.labels.length,
    testImages: judged.test.labels.length,
    mapImages: found[0]?.overlap.iou.length ?? 0,
    ...found.length > 0 && { judged: { teacher: found[0].found, random: found[1].found } },
  };
  await write(context.out, { judged, compared: found, meta });
  return meta;
}

interface Job {
  readonly context: Context;
  readonly params: EnsembleParams;
  readonly encoder: Encoder;
  readonly judged: Judged;
}

/** One network's leaves. */
interface Compared {
  readonly found: LeavesFound;
  /** Rows of predictions.npy. */
  readonly predictions: readonly Uint8Array[];
  /** [m, m] */
  readonly similarities: Float64Array;
  readonly overlap: MapOverlap;
}

async function compareBoth(job: Job, teacher: Artifact<unknown>): Promise<readonly Compared[]> {
  const { context, encoder } = job;
  const ops = await loadOps(context.backend as Backend, context);
  try {
    const compared: Compared[] = [];
    for (const [part, name] of NETWORKS.entries()) {
      const { tensors } = await readSafetensors(join(teacher.dir, `${name}.safetensors`));
      const progress = (share: number) => {
        context.signal.throwIfAborted();
        context.progress(Math.round(100 * (part + share) / NETWORKS.length), 100);
      };
      compared.push(await compare(job, { weights: fromPublic(encoder.specs, tensors), ops, progress }));
    }
    return compared;
  } finally {
    ops.close();
  }
}

interface Loaded {
  readonly weights: Weights;
  readonly ops: Ops;
  readonly progress: (share: number) => void;
}

async function compare(job: Job, loaded: Loaded): Promise<Compared> {
  const { params: { shrinkage, draws, sampleSeed }, encoder: { leaves } } = job;
  const train = await outputs(job, loaded, "train");
  loaded.progress(0.4);
  const test = await outputs(job, loaded, "test");
  loaded.progress(0.6);
  const ensembles = await leafEnsembles({ train, test }, {
    leaves,
    classes: CLASSES.length,
    shrinkage,
    draws,
    seed: sampleSeed,
    progress: (share) => loaded.progress(0.6 + 0.2 * share),
  });
  const similarities = await leafSimilarities({ x: test.x, leaves, size: test.size / leaves });
  loaded.progress(0.9);
  const overlap = await overlapOf(job, loaded);
  return {
    found: foundIn(ensembles, { labels: test.labels, similarities, overlap }),
    predictions: [...ensembles.single, ensembles.concatenated, ensembles.averaged],
    similarities,
    overlap,
  };
}

async function outputs(
  { context, params, encoder, judged }: Job,
  { weights, ops }: Loaded,
  part: keyof Judged,
): Promise<LabelledFeatures & { readonly x: Float32Array }> {
  const { images, labels } = judged[part];
  const options = { ops, batch: params.batch, size: SIDE, signal: context.signal };
  const { leaves, leafSize } = await encode(encoder, weights, { ...options, images });
  return { x: leaves!, labels, size: encoder.leaves * leafSize! };
}

/** Overlap of the embedding's maps through one leaf each. */
async function overlapOf(
  { context, params, encoder, judged: { test } }: Job,
  { weights, ops }: Loaded,
): Promise<MapOverlap> {
  const count = Math.min(params.mapImages, test.labels.length);
  const rows = stratified(test.labels, count, random(params.sampleSeed, STREAM));
  const network = { encoder, ops, params: upload(encoder.specs, weights) };
  try {
    const maps = await mapImages(network, select(test, rows).images, {
      side: SIDE,
      batch: params.mapBatch,
      progress: () => context.signal.throwIfAborted(),
    });
    return mapOverlap(maps, { leaves: encoder.leaves, pixels: SIDE ** 2 });
  } finally {
    tf.dispose({ ...network.params });
  }
}

function foundIn(
  { single, concatenated, averaged, sizes }: Ensembles,
  { labels, similarities, overlap }: {
    readonly labels: Uint8Array;
    readonly similarities: Float64Array;
    readonly overlap: MapOverlap;
  },
): LeavesFound {
  const accuracy = (classes: Uint8Array) =>
    mean(Array.from(labels, (label, i) => classes[i] === label ? 1 : 0));
  const similarity = meanOverPairs(similarities, single.length);
  return {
    single: single.map(accuracy),
    concatenated: accuracy(concatenated),
    averaged: accuracy(averaged),
    sizes,
    similarity: Number.isNaN(similarity) ? null : similarity,
    overlap: { spearman: mean(overlap.spearman), iou: mean(overlap.iou) },
  };
}

async function write(
  out: string,
  { judged: { test }, compared, meta }: {
    readonly judged: Judged;
    readonly compared: readonly Compared[];
    readonly meta: EnsembleMeta;
  },
): Promise<void> {
  const n = test.labels.length, { leaves } = meta;
  const predictions = compared.flatMap((each) => each.predictions.flatMap((row) => [...row]));
  const similarities = compared.flatMap((each) => [...each.similarities]);
  const overlaps = compared.flatMap(({ overlap }) => [...overlap.spearman, ...overlap.iou]);
  const networks = compared.length, mapped = compared[0]?.overlap.iou.length ?? 0;
  const files = {
    predictions: { shape: [networks, leaves + 2, n], data: Uint8Array.from(predictions) },
    cka: { shape: [networks, leaves, leaves], data: Float64Array.from(similarities) },
    overlap: { shape: [networks, 2, mapped], data: Float64Array.from(overlaps) },
    labels_test: { shape: [n], data: test.labels },
    index_test: { shape: [n], data: test.index },
  };
  for (const [name, array] of Object.entries(files)) await writeNpy(join(out, `${name}.npy`), array);
  await Deno.writeTextFile(join(out, "ensemble.json"), JSON.stringify(meta, null, 2) + "\n");
}
