/**
 * Intervals for accuracies of several seeds and several repetitions of the probe on the same test images. All
 * three vary: another seed would give another network, another probe another classifier of its features,
 * another test set other images. Each is resampled by itself, and every chosen seed and repetition is read on
 * every chosen image (pigeonhole bootstrap: Owen, Ann. Appl. Stat. 2007).
 *
 * With the values x [S, R, N] split into their mean and the zero-sum parts of each set A of the factors seeds,
 * repetitions and images, the resampled mean has the variance
 *
 *     Σ over A of (Σ of the squares of the part of A) / Π over A of d
 *
 * with d = S(S−1), R(R−1) and N² (1 for a factor of one level). S − 1 of S seeds are drawn, which makes the
 * part of seeds alone the usual unbiased s²/S; likewise of repetitions. The parts of two or three factors
 * together are already in those of each, so intervals are too wide rather than too narrow. The sums are taken
 * in closed form; no set is drawn.
 *
 * @module
 */
import { twoSided } from "./student.ts";

/** Values of S seeds by R repetitions of the probe on the same N images. */
export interface Crossed<Values extends Int8Array | Float64Array = Int8Array> {
  /** [S, R, N]: 1 for a correct answer and 0 for a wrong one, or differences of these. */
  readonly values: Values;
  readonly seeds: number;
  readonly repetitions: number;
  readonly images: number;
  /** Values [S, N] of the reported classifier, whose mean is reported; absent where it is the mean of `values`. */
  readonly reported?: Values;
}

/** Low and high end of an interval. */
export type Interval = readonly [number, number];

/** A mean over seeds and images, with its uncertainty. */
export interface CrossedMean {
  readonly mean: number;
  /** Standard error of the mean; with one seed, over repetitions and images alone. */
  readonly standardError: number;
  /** Degrees of freedom of Student's t: S − 1 where seeds cause all variance, many where images do. */
  readonly degrees: number;
  /** 95% interval. */
  readonly interval: Interval;
}

/** The reported mean, with an interval that includes the variance of seeds, repetitions and images. */
export function crossedMean(
  crossed: Crossed<Int8Array | Float64Array>,
  /** @default 0.95 */
  options: { readonly level?: number } = {},
): CrossedMean {
  const mean = average(crossed.reported ?? crossed.values);
  const { variance, degrees } = varianceOf(crossed);
  const standardError = Math.sqrt(variance);
  const half = standardError === 0 ? 0 : twoSided(degrees, options) * standardError;
  return { mean, standardError, degrees, interval: [mean - half, mean + half] };
}

/** Reported mean over images of every seed, [S]. */
export function seedMeans({ values, reported = values, seeds }: Crossed): readonly number[] {
  const each = reported.length / seeds;
  return Array.from(
    { length: seeds },
    (_, seed) => average(reported.subarray(seed * each, (seed + 1) * each)),
  );
}

/** Variance of the resampled mean, and Satterthwaite's degrees of freedom (1946), infinite for images. */
function varianceOf(
  crossed: Crossed<Int8Array | Float64Array>,
): { readonly variance: number; readonly degrees: number } {
  const levels = [crossed.seeds, crossed.repetitions, crossed.images];
  const drawn = [Math.max(1, levels[0] - 1), Math.max(1, levels[1] - 1), levels[2]];
  const squares = SETS.map((set) => squaresOfMeans(crossed, set));
  const parts = SETS.map((set) => {
    const inside = SETS.filter((part) => (part & ~set) === 0);
    const sum = inside.reduce(
      (sum, part) => sum + (sizeOf(set ^ part) % 2 === 0 ? 1 : -1) * squares[part],
      0,
    );
    return Math.max(0, sum) / product(drawn, set); // the sum is the mean square of the part of `set`
  });
  const variance = parts.slice(1).reduce((sum, part) => sum + part, 0);
  const few = [0, 1].map((factor) => parts[1 << factor] ** 2 / drawn[factor]);
  return { variance, degrees: variance === 0 ? Infinity : variance ** 2 / (few[0] + few[1]) };
}

/** Sets of the factors as bits: 1 seeds, 2 repetitions, 4 images. */
const SETS = [0, 1, 2, 3, 4, 5, 6, 7];

/** Mean over the levels of the factors in `set` of the square of the mean over the other factors. */
function squaresOfMeans(
  { values, seeds, repetitions, images }: Crossed<Int8Array | Float64Array>,
  set: number,
): number {
  const has = (factor: number) => (set >> factor) & 1;
  const [s, r, i] = [has(0), has(1), has(2)];
  const cells = new Float64Array((s ? seeds : 1) * (r ? repetitions : 1) * (i ? images : 1));
  for (let seed = 0, at = 0; seed < seeds; seed++) {
    for (let repetition = 0; repetition < repetitions; repetition++) {
      const row = (s * seed * (r ? repetitions : 1) + r * repetition) * (i ? images : 1);
      for (let image = 0; image < images; image++) cells[row + i * image] += values[at++];
    }
  }
  const each = values.length / cells.length;
  return cells.reduce((sum, value) => sum + (value / each) ** 2, 0) / cells.length;
}

function product(of: readonly number[], set: number): number {
  return of.reduce((product, value, factor) => (set >> factor) & 1 ? product * value : product, 1);
}

function sizeOf(set: number): number {
  return (set & 1) + ((set >> 1) & 1) + ((set >> 2) & 1);
}

function average(values: Int8Array | Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}
