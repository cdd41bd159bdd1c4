/**
 * Least gain over an untrained baseline for which a row's training counts as successful. In words:
 * docs/verdict.md, "The bar".
 *
 * @module
 */
import type { Interval } from "./crossed.ts";

/** Baseline that a gain is measured against. */
export type Against = "own-embedding" | "control" | "own-leaves";

/** Least gains, as fractions of the test images; a trained network need only surpass the control. */
export const least: Readonly<Record<Against, number>> = {
  "own-embedding": 0.12,
  "control": 0,
  "own-leaves": 0.1,
};

/** The whole interval reaches the least gain, the difference alone reaches it, or neither does. */
export type Met = "yes" | "by the difference alone" | "no";

/** Compares a paired difference with the least gain. */
export function isMet(
  { mean, interval }: { readonly mean: number; readonly interval: Interval },
  against: Against,
): Met {
  const reaches = (value: number) => against === "control" ? value > least[against] : value >= least[against];
  return reaches(interval[0]) ? "yes" : reaches(mean) ? "by the difference alone" : "no";
}
