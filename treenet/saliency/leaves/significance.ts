/**
 * p-values of one leaf, and their correction for many leaves.
 *
 * @module
 */
import { mean } from "../quantile.ts";

/** A test of one leaf. */
export interface Tested {
  readonly p: number;
  /** p-value after Holm's correction over all leaves of the tree. */
  readonly adjusted: number;
}

/**
 * Adjusted p-values (Holm 1979): rejecting those of at most α makes the probability of any false rejection at
 * most α, whatever the dependence between the tests.
 */
export function holm(p: readonly number[]): readonly Tested[] {
  const order = [...p.keys()].sort((a, b) => p[a] - p[b] || a - b);
  const adjusted = new Array<number>(p.length);
  let least = 0;
  order.forEach((test, rank) => {
    least = Math.max(least, Math.min(1, (p.length - rank) * p[test]));
    adjusted[test] = least;
  });
  return p.map((value, test) => ({ p: value, adjusted: adjusted[test] }));
}

/** p-value of a value among draws of its null: the share at least as large, the value itself included. */
export function permutationP(value: number, chance: ArrayLike<number>): number {
  let above = 1;
  for (let i = 0; i < chance.length; i++) if (chance[i] >= value) above++;
  return above / (chance.length + 1);
}

/**
 * One-sided p-value of `value` as the next draw of the normal population of `sample` (two or more), by
 * Student's prediction interval: t = (value − mean) / (SD · √(1 + 1/n)) with n − 1 degrees of freedom.
 */
export function predictionP(value: number, sample: readonly number[]): number {
  const n = sample.length;
  const centre = mean(sample);
  const variance = sample.reduce((sum, each) => sum + (each - centre) ** 2, 0) / (n - 1);
  const t = (value - centre) / Math.sqrt(variance * (1 + 1 / n));
  return Number.isNaN(t) ? 1 : studentTail(t, n - 1);
}

/**
 * P(T > t) of Student's distribution for whole degrees of freedom, by its finite series (Abramowitz and
 * Stegun 1964, 26.7.3 and 26.7.4).
 */
export function studentTail(t: number, freedom: number): number {
  const angle = Math.atan(t / Math.sqrt(freedom));
  const [sine, square] = [Math.sin(angle), Math.cos(angle) ** 2];
  const odd = freedom % 2 === 1;
  let [term, sum] = odd ? [Math.cos(angle), 0] : [1, 0];
  for (let k = odd ? 1 : 0; k <= freedom - 2; k += 2) {
    sum += term;
    term *= square * (k + 1) / (k + 2);
  }
  const within = odd ? 2 / Math.PI * (angle + sine * sum) : sine * sum; // P(|T| < t), signed
  return (1 - within) / 2;
}
