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
  /** Maps of the leaf of the same number in the untrained network. */
  readonly untrained: readonly Float32Array[];
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
  /** ρ with the untrained leaf's maps: near 0 if the maps depend on what was learnt (Adebayo et al. 2018). */
  readonly untrainedCorrelation: number;
}

export interface ConsistencyOptions {
  /** [n] */
  readonly labels: Uint8Array;
  readonly seed: number;
  /** Number of permutations of the labels. The smallest possible p is 1 / (permutations + 1). */
  readonly permutations: number;
}

const BRIGHTEST = 0.1;
/** Number of this random stream, so that no other draw repeats it. */
const STREAM = 0xc_05_15;

export function consistencyOf(maps: MapSets, options: ConsistencyOptions): Consistency {
  const ranks = maps.plain.map(unitRanks);
  const bright = maps.plain.map((map) => brightest(map, BRIGHTEST));
  const follow = (others: readonly Float32Array[]) => ({
    correlation: mean(others.map((map, i) => correlation(ranks[i], unitRanks(map)))),
    overlap: mean(others.map((map, i) => overlap(bright[i], brightest(map, BRIGHTEST)))),
  });
  const [flipped, jittered, untrained] = [maps.flipped, maps.jittered, maps.untrained].map(follow);
  return {
    flipCorrelation: flipped.correlation,
    flipOverlap: flipped.overlap,
    jitterCorrelation: jittered.correlation,
    jitterOverlap: jittered.overlap,
    ...classAgreement(ranks, options),
    untrainedCorrelation: untrained.correlation,
  };
}

function classAgreement(
  ranks: readonly Float64Array[],
  { labels, seed, permutations }: ConsistencyOptions,
): Pick<Consistency, "withinClass" | "betweenClass" | "agreementP"> {
  const pairs = ranks.map((a) => ranks.map((b) => correlation(a, b)));
  const chance = Array.from({ length: permutations }, (_, round) => {
    const order = permutation(labels.length, random(seed, STREAM, round));
    const { within, between } = agreement(pairs, Uint8Array.from(order, (i) => labels[i]));
    return within - between;
  });
  const { within, between } = agreement(pairs, labels);
  return { withinClass: within, betweenClass: between, agreementP: permutationP(within - between, chance) };
}

function agreement(
  pairs: readonly (readonly number[])[],
  labels: Uint8Array,
): { readonly within: number; readonly between: number } {
  const [sums, counts] = [[0, 0], [0, 0]];
  for (let i = 0; i < labels.length; i++) {
    for (let j = 0; j < i; j++) {
      const side = labels[i] === labels[j] ? 0 : 1;
      sums[side] += pairs[i][j];
      counts[side]++;
    }
  }
  const [within, between] = sums.map((sum, side) => counts[side] === 0 ? 0 : sum / counts[side]);
  return { within, between };
}
