/**
 * Consistency of a leaf's saliency maps with the content of the image: they should move with a flip, survive
 * a colour jitter, and agree more between images of one class than of different classes.
 *
 * @module
 */
import { permutation, random } from "../random.ts";
import { mean } from "./quantile.ts";
import { brightest, correlation, overlap, unitRanks } from "./ranks.ts";
import { permutationP } from "./leaves/significance.ts";

/** One leaf's maps of the same n images, each [n, H·W]. */
export interface MapSets {
  readonly plain: readonly Float32Array[];
  /** Maps of the flipped images, flipped back. */
  readonly flipped: readonly Float32Array[];
  readonly jittered: readonly Float32Array[];
}

/** Means over images; ρ is Spearman's, an overlap is the intersection over union of the brightest tenths. */
export interface Consistency {
  readonly flipCorrelation: number;
  readonly flipOverlap: number;
  readonly jitterCorrelation: number;
  readonly jitterOverlap: number;
  /** Mean ρ between maps of different images of one class, and of different classes. */
  readonly withinClass: number;
  readonly betweenClass: number;
  /** p-value of within − between under permuted labels. */
  readonly agreementP: number;
}

export interface ConsistencyOptions {
  /** [n] */
  readonly labels: Uint8Array;
  /** Those of {@linkcode permutedOrders} for n images. */
  readonly orders: readonly Uint16Array[];
}

const BRIGHTEST = 0.1;
/** Number of permutations of the labels; the smallest possible p is 1 / (PERMUTATIONS + 1). */
export const PERMUTATIONS = 9999;
/** Number of this random stream, so that no other draw repeats it. */
const STREAM = 0xc_05_15;

/** Orders of n images, which permute their labels; the same for every leaf. */
export function permutedOrders(n: number, seed: number): readonly Uint16Array[] {
  const stream = random(seed, STREAM);
  return Array.from({ length: PERMUTATIONS }, () => Uint16Array.from(permutation(n, stream)));
}

export function consistencyOf(maps: MapSets, options: ConsistencyOptions): Consistency {
  const ranks = maps.plain.map(unitRanks);
  const bright = maps.plain.map((map) => brightest(map, BRIGHTEST));
  const follow = (others: readonly Float32Array[]) => ({
    correlation: mean(others.map((map, i) => correlation(ranks[i], unitRanks(map)))),
    overlap: mean(others.map((map, i) => overlap(bright[i], brightest(map, BRIGHTEST)))),
  });
  const [flipped, jittered] = [maps.flipped, maps.jittered].map(follow);
  return {
    flipCorrelation: flipped.correlation,
    flipOverlap: flipped.overlap,
    jitterCorrelation: jittered.correlation,
    jitterOverlap: jittered.overlap,
    ...classAgreement(ranks, options),
  };
}

/**
 * Every permutation keeps the sum over all pairs, so that within − between rises with the sum over pairs within a class: the
 * permutations compare that sum alone.
 */
function classAgreement(
  ranks: readonly Float64Array[],
  { labels, orders }: ConsistencyOptions,
): Pick<Consistency, "withinClass" | "betweenClass" | "agreementP"> {
  const pairs = correlations(ranks);
  const groups = [...new Set(labels)].map((label) => [...labels.keys()].filter((i) => labels[i] === label));
  const given = Uint16Array.from(labels.keys());
  const own = sumWithin(pairs, groups, given);
  const others = sumWithin(pairs, [[...labels.keys()]], given) - own;
  const [all, count] = [[labels], groups].map((sets) =>
    sets.reduce((sum, { length }) => sum + length * (length - 1) / 2, 0)
  );
  return {
    withinClass: count === 0 ? 0 : own / count,
    betweenClass: all === count ? 0 : others / (all - count),
    agreementP: permutationP(own, orders.map((order) => sumWithin(pairs, groups, order))),
  };
}

/** ρ of every pair of maps, [n, n]. */
function correlations(ranks: readonly Float64Array[]): Float64Array {
  const pairs = new Float64Array(ranks.length ** 2);
  for (const [i, a] of ranks.entries()) {
    for (let j = 0; j < i; j++) {
      pairs[i * ranks.length + j] = pairs[j * ranks.length + i] = correlation(a, ranks[j]);
    }
  }
  return pairs;
}

/** Σ over pairs of places in one group of the pair of images that `order` puts there. */
function sumWithin(
  pairs: Float64Array,
  groups: readonly (readonly number[])[],
  order: Uint16Array,
): number {
  let sum = 0;
  for (const group of groups) {
    for (let i = 1; i < group.length; i++) {
      const row = order[group[i]] * order.length;
      for (let j = 0; j < i; j++) sum += pairs[row + order[group[j]]];
    }
  }
  return sum;
}
