/**
 * Means over seeds with intervals that anybody can compute again: no random draw is in them.
 *
 * @module
 */
import type { Interval } from "../statistics/crossed.ts";
import { twoSided } from "../statistics/student.ts";

/** A mean over seeds. */
export interface Estimate {
  readonly mean: number;
  readonly interval: Interval;
  /** Number of seeds. */
  readonly seeds: number;
}

/** Values of S seeds on the same N images. */
export interface Values {
  /** [S, N] */
  readonly values: ArrayLike<number>;
  readonly seeds: number;
}

export interface Level {
  /** @default 0.95 */
  readonly level?: number;
}

/** Student's interval of one value a seed; infinite where there is one seed. */
export function overSeeds(values: readonly number[], options: Level = {}): Estimate {
  const seeds = values.length, centre = mean(values);
  if (seeds < 2) return { mean: centre, interval: [-Infinity, Infinity], seeds };
  const error = Math.sqrt(squares(values, centre) / (seeds * (seeds - 1)));
  return { mean: centre, interval: around(centre, error, { ...options, degrees: seeds - 1 }), seeds };
}

/**
 * Interval over seeds and images, both taken to be drawn anew: the variance of the pigeonhole bootstrap of
 * treenet/statistics/crossed.ts in closed form, Σα² / (S(S−1)) + Σβ² / N² + Σγ² / (S(S−1)N²) with the effects α of
 * seeds, β of images and γ of both together. Of images alone where there is one seed.
 */
export function overSeedsAndImages({ values, seeds }: Values, options: Level = {}): Estimate {
  const images = values.length / seeds, draws = seeds * Math.max(1, seeds - 1);
  const bySeed = new Float64Array(seeds), byImage = new Float64Array(images);
  for (let at = 0; at < values.length; at++) {
    bySeed[Math.floor(at / images)] += values[at] / images;
    byImage[at % images] += values[at] / seeds;
  }
  const centre = mean(bySeed);
  let together = 0;
  for (let at = 0; at < values.length; at++) {
    together += (values[at] - bySeed[Math.floor(at / images)] - byImage[at % images] + centre) ** 2;
  }
  const ofSeeds = squares(bySeed, centre) / draws;
  const variance = ofSeeds + squares(byImage, centre) / images ** 2 + together / (draws * images ** 2);
  // Satterthwaite's degrees of freedom, as those of the bootstrap.
  const degrees = seeds < 2 || ofSeeds === 0 ? Infinity : (seeds - 1) * Math.max(1, variance / ofSeeds) ** 2;
  return { mean: centre, interval: around(centre, Math.sqrt(variance), { ...options, degrees }), seeds };
}

function around(
  centre: number,
  error: number,
  { degrees, level }: Level & { readonly degrees: number },
): Interval {
  const half = error === 0 ? 0 : error * twoSided(degrees, { level });
  return [centre - half, centre + half];
}

function squares(values: ArrayLike<number>, centre: number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] - centre) ** 2;
  return sum;
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}
