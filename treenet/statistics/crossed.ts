/**
 * Intervals for accuracies of several seeds on the same test images. Both vary: another seed would give
 * another network, another test set other images. Seeds and images are resampled independently, and every
 * chosen seed is evaluated on every chosen image (pigeonhole bootstrap: Owen, Ann. Appl. Stat. 2007).
 *
 * With the values x [S, N] split into their mean and the zero-sum parts of seeds α, images β and both
 * together γ, the resampled mean has the variance
 *
 *     Σα² / (S(S−1)) + Σβ² / N² + Σγ² / (S(S−1)N²)
 *
 * S − 1 of S seeds are drawn, which makes the first term the usual unbiased s²/S. The second and third terms
 * each repeat the variance of γ that the first contains, so intervals are too wide rather than too narrow.
 *
 * @module
 */
import { type Random, random } from "../random.ts";
import { twoSided } from "./student.ts";

/** Values of S seeds on the same N images. */
export interface Crossed {
  /** [S, N]: 1 for a correct answer and 0 for a wrong one, or differences of these. */
  readonly values: Int8Array;
  readonly seeds: number;
  readonly images: number;
}

/** Low and high end of an interval. */
export type Interval = readonly [number, number];

/** A mean over seeds and images, with its uncertainty. */
export interface CrossedMean {
  readonly mean: number;
  /** Standard error of the mean; with one seed, over images alone. */
  readonly standardError: number;
  /** Degrees of freedom of Student's t: S − 1 where seeds cause all variance, many where images do. */
  readonly degrees: number;
  /** 95% interval. */
  readonly interval: Interval;
}

/** Sets of images drawn once and used for all measures on the same images. */
export interface Resampling {
  /** [B, N]: number of times that each image is in a set; each set has N images. */
  readonly counts: Uint8Array;
  readonly resamples: number;
  readonly images: number;
  /** Seed of the draws. */
  readonly seed: number;
}

/** Number of this random stream, so that no other draw repeats it. */
const STREAM = 0xc4055;

/**
 * Draws `resamples` sets of `images` images with replacement.
 *
 * @param options.resamples @default 2000, which leaves 1.6% of uncertainty in a standard error
 */
export function resampling(
  images: number,
  options: { readonly resamples?: number; readonly seed?: number } = {},
): Resampling {
  const { resamples = 2000, seed = 0 } = options;
  const stream = random(seed, STREAM, 0);
  const counts = new Uint8Array(resamples * images);
  for (let set = 0; set < resamples; set++) {
    for (let i = 0; i < images; i++) counts[set * images + stream.integer(images)]++;
  }
  return { counts, resamples, images, seed };
}

/** Mean of all values, with an interval that includes the variance of seeds and of images. */
export function crossedMean(crossed: Crossed, sets: Resampling): CrossedMean {
  const means = seedMeans(crossed);
  const mean = average(means);
  const drawn = resampledMeans(crossed, sets);
  const centre = average(drawn);
  const variance = drawn.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (drawn.length - 1);
  const standardError = Math.sqrt(variance);
  const degrees = degreesOfFreedom(means, variance);
  const half = standardError === 0 ? 0 : twoSided(degrees) * standardError;
  return { mean, standardError, degrees, interval: [mean - half, mean + half] };
}

/** Mean over images of every seed, [S]. */
export function seedMeans({ values, seeds, images }: Crossed): readonly number[] {
  return Array.from({ length: seeds }, (_, seed) => {
    let sum = 0;
    for (let i = 0; i < images; i++) sum += values[seed * images + i];
    return sum / images;
  });
}

function resampledMeans({ values, seeds, images }: Crossed, sets: Resampling): readonly number[] {
  if (sets.images !== images) {
    throw new RangeError(
      `Cannot resample ${images} images with sets of ${sets.images}, draw sets of as many images`,
    );
  }
  const stream = random(sets.seed, STREAM, 1);
  const chosen = new Float64Array(images);
  return Array.from({ length: sets.resamples }, (_, set) => {
    const weights = seedWeights(seeds, stream);
    chosen.fill(0);
    for (const [seed, weight] of weights.entries()) {
      if (weight === 0) continue;
      for (let i = 0; i < images; i++) chosen[i] += weight * values[seed * images + i];
    }
    let sum = 0;
    for (let i = 0; i < images; i++) sum += sets.counts[set * images + i] * chosen[i];
    return sum / images;
  });
}

/** Share of each seed among S − 1 draws of S seeds; a single seed is always drawn. */
function seedWeights(seeds: number, stream: Random): Float64Array {
  const weights = new Float64Array(seeds);
  const draws = Math.max(1, seeds - 1);
  for (let draw = 0; draw < draws; draw++) weights[stream.integer(seeds)] += 1 / draws;
  return weights;
}

/** Satterthwaite's degrees of freedom (1946): S − 1 for the variance of seeds, infinite for images. */
function degreesOfFreedom(means: readonly number[], variance: number): number {
  if (means.length < 2) return Infinity;
  const mean = average(means);
  const squares = means.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const ofSeeds = squares / (means.length * (means.length - 1));
  if (ofSeeds === 0) return Infinity;
  return (means.length - 1) * Math.max(1, variance / ofSeeds) ** 2;
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
