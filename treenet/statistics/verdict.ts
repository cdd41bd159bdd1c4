/**
 * Verdict on the two claims of the paper's Table 1, its order and its levels, by a rule that was written
 * before any run that could answer it. In words: docs/verdict.md.
 *
 * @module
 */
import type { Interval } from "./crossed.ts";
import { isAbove, isWithin, leastSeeds, type Outcome, together } from "./outcome.ts";

/** Largest distance of a row's interval from the paper's accuracy, as a fraction. */
export const margin = 0.03;

/** Order that the paper claims, best first. */
export const claimedOrder = ["dense-join", "avg-join", "cnn"] as const;

/** A row of the paper's table, judged like the paper's rows. */
export interface JudgedRow {
  readonly model: string;
  /** The paper's accuracy, a fraction. */
  readonly paper: number;
  readonly seeds: number;
  /** 95% interval of the accuracy under the released probe; absent if it was not measured. */
  readonly interval?: Interval;
}

/** Two adjacent rows of the claimed order, on the same images. */
export interface JudgedPair {
  readonly better: string;
  readonly worse: string;
  /** Number of seeds that both rows have. */
  readonly seeds: number;
  /** 95% interval of the difference of their accuracies; absent if it was not measured. */
  readonly interval?: Interval;
}

/** Everything that the rule considers. */
export interface Evidence {
  /** A setting that decides the numbers differs from the recipe. */
  readonly scaledDown: boolean;
  readonly rows: readonly JudgedRow[];
  readonly pairs: readonly JudgedPair[];
}

/** Verdict on the paper's table: what each of its parts says, and all of a claim together. */
export interface Verdict {
  readonly order: Claim<JudgedPair>;
  readonly levels: Claim<JudgedRow>;
  /** Rows that carry no level, as they could not start where the paper's did. */
  readonly unleveled: readonly JudgedRow[];
}

/** A claim and its parts. */
export interface Claim<Part> {
  readonly outcome: Outcome;
  readonly parts: readonly { readonly part: Part; readonly outcome: Outcome }[];
}

/** Applies the rule. */
export function verdict({ scaledDown, rows, pairs }: Evidence): Verdict {
  const isLeveled = ({ model }: JudgedRow) => (claimedOrder as readonly string[]).includes(model);
  return {
    order: claim(pairs, isAbove),
    levels: claim(
      rows.filter(isLeveled),
      (interval, { paper }) =>
        scaledDown ? "not tested" : isWithin(interval, [paper - margin, paper + margin]),
    ),
    unleveled: rows.filter((row) => !isLeveled(row)),
  };
}

function claim<Part extends JudgedRow | JudgedPair>(
  parts: readonly Part[],
  judge: (interval: Interval, part: Part) => Outcome,
): Claim<Part> {
  const judged = parts.map((part) => ({
    part,
    outcome: part.interval === undefined || part.seeds < leastSeeds
      ? "not tested"
      : judge(part.interval, part),
  }));
  return { outcome: together(judged.map(({ outcome }) => outcome)), parts: judged };
}
