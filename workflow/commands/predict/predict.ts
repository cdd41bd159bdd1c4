/**
 * Prediction of a frozen teacher and its linear probe for one picture.
 *
 * The probe's stage does not keep its weights. The probe is fitted again, on the kept features with the
 * chosen penalty, which gives the same classifier (the objective is convex).
 *
 * @module
 */
import { join } from "node:path";
import type { Artifact } from "../../../pipeline/stage.ts";
import { CLASSES, SIDE } from "../../../formats/cifar.ts";
import { readNpy } from "../../../formats/npy.ts";
import type { ProbeMeta } from "../../../stages/probe/params.ts";
import { loadWeights, networkOf, readTrainEmbeddings } from "../../../stages/saliency/inputs.ts";
import { encode } from "../../../treenet/nn/features.ts";
import type { LabelledFeatures } from "../../../treenet/probe/feature_rows.ts";
import { LogisticProblem, scores } from "../../../treenet/probe/logistic.ts";
import { mapImages } from "../../../treenet/saliency/map_images.ts";
import type { Encoder, Ops } from "../../../treenet/nn/types.ts";

/** A training image near the picture. */
export interface Neighbour {
  /** Index into the 50,000 training images. */
  readonly index: number;
  readonly label: number;
  /** Cosine similarity of the embeddings. */
  readonly similarity: number;
}

export interface Prediction {
  /** [10], by label; they add up to 1. */
  readonly probabilities: readonly number[];
  /** [m, 32, 32] */
  readonly maps: Float32Array;
  readonly leaves: number;
  /** Neighbours, the nearest first. */
  readonly neighbours: readonly Neighbour[];
}

export interface Judges {
  readonly teacher: Artifact;
  readonly probe: Artifact;
  readonly encoder: Encoder;
  readonly ops: Ops;
}

/** Predicts the class of an `image`, sRGB bytes [32, 32, 3]. */
export async function predictWith(
  { teacher, probe, encoder, ops }: Judges,
  image: Uint8Array,
  { neighbours }: { readonly neighbours: number },
): Promise<Prediction> {
  const weights = await loadWeights(teacher, { file: "teacher.safetensors", encoder });
  const { embeddings } = await encode(encoder, weights, { images: image, ops, batch: 1, size: SIDE });
  using network = networkOf(weights, { encoder, ops });
  const train = await readTrain(teacher);
  return {
    probabilities: await classify(embeddings, { train, probe }),
    maps: await mapImages(network, image, { side: SIDE, batch: 1 }),
    leaves: encoder.leaves,
    neighbours: nearest(embeddings, { train, count: neighbours }),
  };
}

interface Train extends LabelledFeatures {
  readonly index: Int32Array;
}

async function readTrain(teacher: Artifact): Promise<Train> {
  const { embeddings: x, size, labels } = await readTrainEmbeddings(teacher);
  return { x, size, labels, index: (await readNpy(join(teacher.dir, "index_train.npy"), "int32")).data };
}

/** Fits the linear probe; returns the softmax of its scores. */
async function classify(
  embedding: Float32Array,
  { train, probe }: { readonly train: Train; readonly probe: Artifact },
): Promise<readonly number[]> {
  const { tolerance } = probe.key.params as { readonly tolerance: number };
  const { l2 } = (probe.meta as unknown as ProbeMeta).teacher.linear;
  const problem = await LogisticProblem.create(train, CLASSES.length);
  try {
    const query = { x: embedding, labels: new Uint8Array(1), size: train.size };
    const values = scores(problem.fit({ l2, tolerance }), query);
    const top = Math.max(...values);
    const powers = [...values].map((value) => Math.exp(value - top));
    const sum = powers.reduce((a, b) => a + b, 0);
    return powers.map((power) => power / sum);
  } finally {
    problem.free();
  }
}

function nearest(
  embedding: Float32Array,
  { train, count }: { readonly train: Train; readonly count: number },
): readonly Neighbour[] {
  const { x, size, labels, index } = train;
  const length = (values: ArrayLike<number>) => Math.hypot(...Array.from(values));
  const own = length(embedding);
  return Array.from(labels, (label, row): Neighbour => {
    const features = x.subarray(row * size, (row + 1) * size);
    let product = 0;
    for (let i = 0; i < size; i++) product += features[i] * embedding[i];
    return { index: index[row], label, similarity: product / (own * length(features) || 1) };
  }).sort((a, b) => b.similarity - a.similarity || a.index - b.index).slice(0, count);
}
