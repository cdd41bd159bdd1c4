/**
 * A claim of the poster: one or several differences, each with the side of 0 that is claimed. The rules are in words in
 * docs/claims.md, and were written before the runs that answer them.
 *
 * @module
 */
import { isAbove, leastSeeds as leastRanked, type Outcome, together } from "../statistics/outcome.ts";
import type { Estimate } from "./estimates.ts";

/** `points`: a difference of fractions of images; `share`: such a fraction; `trees`: a number of trees. */
export type Unit = "points" | "share" | "trees" | "none";

/** A quantity that a claim rests on. */
export interface Part {
  /** `DenseJoin − AvgJoin` */
  readonly quantity: string;
  readonly unit: Unit;
  /** Absent where it was not measured. */
  readonly estimate?: Estimate;
  readonly outcome: Outcome;
}

/** A claim with its parts. */
export interface Claim {
  readonly outcome: Outcome;
  readonly parts: readonly Part[];
}

/** Fewest seeds: of rows that are ranked, and of comparisons with a control. */
export const leastSeeds = { ranked: leastRanked, control: 3 } as const;

/** A difference that is claimed to lie on one side of 0. */
export interface Difference {
  readonly quantity: string;
  /** @default "points" */
  readonly unit?: Unit;
  readonly estimate?: Estimate;
  /** @default "above" */
  readonly claimed?: "above" | "below";
}

/** All differences lie on the side that is claimed. */
export function claimOf(differences: readonly Difference[], least: number): Claim {
  const parts = differences.map((difference): Part => ({
    quantity: difference.quantity,
    unit: difference.unit ?? "points",
    estimate: difference.estimate,
    outcome: outcomeOf(difference, least),
  }));
  return { outcome: together(parts.map(({ outcome }) => outcome)), parts };
}

function outcomeOf({ estimate, claimed = "above" }: Difference, least: number): Outcome {
  if (estimate === undefined || estimate.seeds < least) return "not tested";
  const [low, high] = estimate.interval;
  return isAbove(claimed === "above" ? [low, high] : [-high, -low]);
}
