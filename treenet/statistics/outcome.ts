/**
 * Outcomes of claims, by rules on 95% intervals that were written before the runs. In words: docs/verdict.md.
 *
 * @module
 */
import type { Interval } from "./crossed.ts";

/** A claim's outcome. */
export type Outcome = "supported" | "contradicted" | "undecided" | "not tested";

/** Fewest seeds of rows that are ranked; fewer test nothing. */
export const leastSeeds = 6;

/** Judges the claim that a quantity is above 0. */
export function isAbove([low, high]: Interval): Outcome {
  return low > 0 ? "supported" : high < 0 ? "contradicted" : "undecided";
}

/** Judges the claim that a quantity lies within a range. */
export function isWithin([low, high]: Interval, [least, most]: Interval): Outcome {
  if (low > least && high < most) return "supported";
  return high < least || low > most ? "contradicted" : "undecided";
}

/** Judges a claim of several things at once. */
export function together(outcomes: readonly Outcome[]): Outcome {
  const has = (outcome: Outcome) => outcomes.includes(outcome);
  if (outcomes.length === 0 || has("not tested")) return "not tested";
  return has("contradicted") ? "contradicted" : has("undecided") ? "undecided" : "supported";
}
