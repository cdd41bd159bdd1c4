/**
 * Ensembles of k of the m leaves of a tree, judged in two ways: by one classifier of their outputs side by side, which
 * gets wider with k, and by the mean of the probabilities of k classifiers of one leaf each, which does not.
 *
 * @module
 */
import { argmax } from "../probe/logistic.ts";
import type { LabelledFeatures } from "../probe/feature_rows.ts";
import { permutation, random } from "../random.ts";
import { discriminant, type Moments, momentsOf, probabilities } from "./discriminant.ts";

/** Outputs of all leaves side by side, of the images to fit on and of those to judge. */
export interface EnsembleData {
  readonly train: LabelledFeatures;
  readonly test: LabelledFeatures;
}

export interface EnsembleOptions {
  /** m; the features have m parts of equal size. */
  readonly leaves: number;
  readonly classes: number;
  readonly shrinkage: number;
  /** Random subsets of each size between 1 and m. */
  readonly draws: number;
  /** Seed of the subsets. */
  readonly seed: number;
  /** Called after each subset with the share that is done; it may be awaited to yield. */
  readonly progress?: (share: number) => void | Promise<void>;
}

/** Accuracies of the ensembles of one size, an entry a subset. */
export interface OfSize {
  readonly leaves: number;
  readonly concatenated: readonly number[];
  readonly averaged: readonly number[];
}

/** Answers of the leaves, one by one and together. */
export interface Ensembles {
  /** Predicted classes of the test images: leaf by leaf. */
  readonly single: readonly Uint8Array[];
  /** All outputs side by side. */
  readonly concatenated: Uint8Array;
  /** Mean of the probabilities of all leaves. */
  readonly averaged: Uint8Array;
  readonly sizes: readonly OfSize[];
}

/** Number of this random stream, so that no other draw repeats it. */
const STREAM = 0xe_5e_b1;

/** Fits and judges all of them. */
export async function leafEnsembles(
  { train, test }: EnsembleData,
  options: EnsembleOptions,
): Promise<Ensembles> {
  const { leaves, classes, shrinkage } = options;
  const moments = await momentsOf(train, { classes });
  const fit = (subset: readonly number[]) =>
    probabilities(
      discriminant(moments, { columns: columnsOf(moments, { leaves, subset }), shrinkage }),
      test.x as Float32Array,
      test.size,
    );
  const alone = Array.from({ length: leaves }, (_, leaf) => fit([leaf]));
  const judge = (subset: readonly number[]): Pair => ({
    concatenated: named(fit(subset), classes),
    averaged: named(meanOf(subset.map((leaf) => alone[leaf])), classes),
  });
  const sizes = sizesOf(leaves), found: OfSize[] = [];
  for (const [at, size] of sizes.entries()) {
    const pairs: Pair[] = [];
    for (const subset of subsetsOf(size, options)) {
      pairs.push(judge(subset));
      await options.progress?.((at + 1) / sizes.length);
    }
    const shares = (of: keyof Pair) => pairs.map((pair) => accuracy(pair[of], test.labels));
    found.push({ leaves: size, concatenated: shares("concatenated"), averaged: shares("averaged") });
  }
  const all = judge(Array.from({ length: leaves }, (_, leaf) => leaf));
  return { single: alone.map((each) => named(each, classes)), ...all, sizes: found };
}

/** Predicted classes of one subset. */
interface Pair {
  readonly concatenated: Uint8Array;
  readonly averaged: Uint8Array;
}

/** 1, 2, 4, … and m. */
export function sizesOf(leaves: number): readonly number[] {
  const powers = Array.from({ length: 1 + Math.floor(Math.log2(leaves)) }, (_, i) => 2 ** i);
  return [...new Set([...powers, leaves])];
}

/** Every single leaf, all leaves together, and of sizes between a few different ones at random; all ascending. */
export function subsetsOf(
  size: number,
  { leaves, draws, seed }: Pick<EnsembleOptions, "leaves" | "draws" | "seed">,
): readonly (readonly number[])[] {
  const every = Array.from({ length: leaves }, (_, leaf) => leaf);
  if (size === 1) return every.map((leaf) => [leaf]);
  if (size === leaves) return [every];
  const drawn = Array.from(
    { length: draws },
    (_, draw) => [...permutation(leaves, random(seed, STREAM, draw)).subarray(0, size)].sort((a, b) => a - b),
  );
  return [...new Map(drawn.map((subset) => [subset.join(), subset])).values()];
}

function columnsOf(
  { size }: Moments,
  { leaves, subset }: { readonly leaves: number; readonly subset: readonly number[] },
): readonly number[] {
  const width = size / leaves;
  return subset.flatMap((leaf) => Array.from({ length: width }, (_, i) => leaf * width + i));
}

function meanOf(all: readonly Float64Array[]): Float64Array {
  const mean = new Float64Array(all[0].length);
  for (const each of all) each.forEach((value, i) => mean[i] += value / all.length);
  return mean;
}

/** The likeliest class of each image. */
function named(scores: Float64Array, classes: number): Uint8Array {
  return Uint8Array.from(
    { length: scores.length / classes },
    (_, i) => argmax(scores.subarray(i * classes, (i + 1) * classes)),
  );
}

function accuracy(predictions: Uint8Array, labels: Uint8Array): number {
  return predictions.reduce((right, label, i) => right + (label === labels[i] ? 1 : 0), 0) / labels.length;
}
