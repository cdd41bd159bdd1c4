/**
 * Stratified splits that depend only on the labels and a seed.
 *
 * @module
 */
import { permutation, random } from "../random.ts";

/** Row numbers, ascending; the two parts hold every row once. */
export interface Split {
  readonly kept: Int32Array;
  readonly held: Int32Array;
}

/** Number of this random stream, so that no other draw repeats it. */
const STREAM = 0x5_91_17;

/**
 * Holds out the same share of every class, rounded to whole images.
 *
 * @param options.share of each class held out, in (0, 1)
 */
export function stratifiedSplit(
  labels: Uint8Array,
  options: { readonly share: number; readonly seed: number },
): Split {
  const held = new Uint8Array(labels.length);
  for (const label of new Set([...labels].sort())) {
    const members = [...labels.keys()].filter((i) => labels[i] === label);
    const order = permutation(members.length, random(options.seed, STREAM, label));
    const count = Math.round(options.share * members.length);
    for (const position of order.subarray(0, count)) held[members[position]] = 1;
  }
  const rows = Int32Array.from(labels.keys());
  return { kept: rows.filter((i) => held[i] === 0), held: rows.filter((i) => held[i] === 1) };
}

/** Number of the stream of folds. */
const FOLDS = 0xf0_1d5;

/** Fold of every row, 0 … folds − 1: equally many of each class in each, up to one. */
export function stratifiedFolds(
  labels: Uint8Array,
  options: { readonly folds: number; readonly seed: number },
): Uint8Array {
  const fold = new Uint8Array(labels.length);
  let next = 0; // goes on from class to class, so that the folds' sizes are equal up to one, too
  for (const label of new Set([...labels].sort())) {
    const members = [...labels.keys()].filter((i) => labels[i] === label);
    const order = permutation(members.length, random(options.seed, FOLDS, label));
    for (const position of order) fold[members[position]] = next++ % options.folds;
  }
  return fold;
}
