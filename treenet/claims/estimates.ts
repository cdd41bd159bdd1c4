/**
 * Means over seeds with their intervals.
 *
 * @module
 */
import type { CrossedMean, Interval } from "../statistics/crossed.ts";
import { twoSided } from "../statistics/student.ts";

/** A mean over seeds. */
export interface Estimate {
  readonly mean: number;
  readonly interval: Interval;
  /** Number of seeds. */
  readonly seeds: number;
}

/** Student's 95% interval of one value a seed, at least one; infinite where there is one. */
export function overSeeds(values: readonly number[]): Estimate {
  const seeds = values.length, mean = sum(values) / seeds;
  if (seeds < 2) return { mean, interval: [-Infinity, Infinity], seeds };
  const error = Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / (seeds * (seeds - 1)));
  const half = error === 0 ? 0 : error * twoSided(seeds - 1);
  return { mean, interval: [mean - half, mean + half], seeds };
}

/** The mean over so many seeds and images. */
export function crossedEstimate({ mean, interval }: CrossedMean, seeds: number): Estimate {
  return { mean, interval, seeds };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
