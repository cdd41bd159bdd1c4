/**
 * Outcomes of claims, by the rule of docs/verdict.md.
 *
 * @module
 */
import type { Interval } from "./crossed.ts";

export type Outcome = "supported" | "contradicted" | "undecided" | "not tested";

/** A quantity is above 0, by its interval; undefined where it was not measured. */
export function isAbove(interval: Interval | undefined): Outcome {
  if (interval === undefined) return "not tested";
  const [low, high] = interval;
  return low > 0 ? "supported" : high < 0 ? "contradicted" : "undecided";
}

/** Several claims hold together. */
export function together(outcomes: readonly Outcome[]): Outcome {
  if (outcomes.includes("not tested")) return "not tested";
  if (outcomes.includes("contradicted")) return "contradicted";
  return outcomes.every((outcome) => outcome === "supported") ? "supported" : "undecided";
}
