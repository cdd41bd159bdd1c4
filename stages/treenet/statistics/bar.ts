/**
 * How far above what nobody trained a row has to be for its training to count as having worked. In words:
 * docs/verdict.md, "The bar".
 *
 * @module
 */
import type { Interval } from "./crossed.ts";

/** What a gain is measured on. */
export type Against = "own-embedding" | "control" | "own-leaves";

/** Least gains, as fractions of the test images; a control need only be surpassed. */
export const least: Readonly<Record<Against, number>> = {
  "own-embedding": 0.12,
  "control": 0,
  "own-leaves": 0.1,
};

/** Met by the whole interval, by the difference itself but not by all of its interval, or not at all. */
export type Met = "yes" | "by the difference alone" | "no";

/** Holds a paired difference against the least gain. */
export function isMet(
  { mean, interval }: { readonly mean: number; readonly interval: Interval },
  against: Against,
): Met {
  const reaches = (value: number) => against === "control" ? value > least[against] : value >= least[against];
  return reaches(interval[0]) ? "yes" : reaches(mean) ? "by the difference alone" : "no";
}
