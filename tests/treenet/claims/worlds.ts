/** Worlds whose truth is known: networks of several seeds that are right with given probabilities on the same images. */
import type { JudgedLeaves } from "../../../treenet/claims/decomposition.ts";
import { type Random, random } from "../../../treenet/random.ts";

/** Difficulty of each image, shared by all networks: added to the probability of being right. */
function difficulty(images: number, stream: Random): Float64Array {
  return Float64Array.from({ length: images }, () => 0.2 * (stream.uniform() - 0.5));
}

/** Per seed, 1 where a network is right: accuracy `mean`, which differs between seeds with the SD `spread`. */
export function rightAnswers(
  { mean, spread = 0.005, seeds, images, seed }: {
    readonly mean: number;
    readonly spread?: number;
    readonly seeds: number;
    readonly images: number;
    readonly seed: number;
  },
): readonly Uint8Array[] {
  const hard = difficulty(images, random(99));
  return Array.from({ length: seeds }, (_, at) => {
    const stream = random(seed, at), level = mean + spread * stream.normal();
    return Uint8Array.from(hard, (value) => stream.uniform() < level + value ? 1 : 0);
  });
}

/** Truth about the leaves of a world. */
export interface LeafWorld {
  readonly single: number;
  readonly averaged: number;
  readonly concatenated: number;
  readonly similarity: number;
  readonly overlap: number;
  /** Gain of a leaf on one class of its own, as a multiple of that on each other. */
  readonly favourite: number;
}

/** Trees of m = 4 leaves with that truth, one a seed. */
export function leafWorld(
  truth: LeafWorld,
  { seeds, seed, images = 2000 }: {
    readonly seeds: number;
    readonly seed: number;
    readonly images?: number;
  },
): readonly JudgedLeaves[] {
  const error = 0.01;
  const of = (mean: number, number: number) =>
    rightAnswers({ mean, seeds, images, seed: 10 * seed + number });
  const [averaged, concatenated] = [of(truth.averaged, 8), of(truth.concatenated, 9)];
  const leaves = [0, 1, 2, 3].map((leaf) => of(truth.single, leaf));
  return Array.from({ length: seeds }, (_, at): JudgedLeaves => {
    const stream = random(seed, at, 1);
    return {
      single: leaves.map((leaf) => leaf[at]),
      averaged: averaged[at],
      concatenated: concatenated[at],
      similarity: truth.similarity + 0.01 * stream.normal(),
      overlap: truth.overlap + 0.01 * stream.normal(),
      gains: leaves.map((_, leaf) => ({
        gains: Array.from({ length: 10 }, (_, c) => {
          return 0.05 * (c === leaf ? truth.favourite : 1) + error * stream.normal();
        }),
        errors: Array<number>(10).fill(error),
      })),
    };
  });
}
