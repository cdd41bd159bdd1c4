/**
 * Verdict on the reproduction of the paper's Table 1, by a rule that was written before any run that could
 * answer it. In words: docs/verdict.md.
 *
 * @module
 */
import type { Interval } from "./crossed.ts";

/** Fewest seeds for a claim; results of fewer are only shown. */
export const leastSeeds = 6;

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

/** Reasons for a verdict, in the order of the rule. */
export type Reason =
  | { readonly type: "scaled-down" }
  | { readonly type: "few-seeds"; readonly seeds: number }
  | { readonly type: "not-measured"; readonly models: readonly string[] }
  | { readonly type: "order"; readonly pair: JudgedPair; readonly holds: boolean }
  | { readonly type: "row"; readonly row: JudgedRow; readonly holds: boolean };

/** Verdict on the paper's claim. */
export interface Verdict {
  readonly outcome: "reproduced" | "partial" | "not reproduced" | "not tested";
  readonly reasons: readonly Reason[];
}

/** Applies the rule. */
export function verdict({ scaledDown, rows, pairs }: Evidence): Verdict {
  const hindrances = [
    ...scaledDown ? [{ type: "scaled-down" } as const] : [],
    ...tooFewSeeds([...rows, ...pairs]),
    ...unmeasured(rows, pairs),
  ];
  if (hindrances.length > 0) return { outcome: "not tested", reasons: hindrances };
  const order = pairs.map((pair) => ({ type: "order", pair, holds: pair.interval![0] > 0 }) as const);
  const near = rows.map((row) => ({ type: "row", row, holds: isNear(row) }) as const);
  const reasons = [...order, ...near];
  if (order.some(({ holds }) => !holds)) return { outcome: "not reproduced", reasons };
  return { outcome: near.every(({ holds }) => holds) ? "reproduced" : "partial", reasons };
}

function tooFewSeeds(measured: readonly { readonly seeds: number }[]): readonly Reason[] {
  const seeds = Math.min(...measured.map((each) => each.seeds));
  return seeds < leastSeeds ? [{ type: "few-seeds", seeds }] : [];
}

function unmeasured(rows: readonly JudgedRow[], pairs: readonly JudgedPair[]): readonly Reason[] {
  const missing = [
    ...rows.filter(({ interval }) => interval === undefined).map(({ model }) => model),
    ...pairs.filter(({ interval }) => interval === undefined).flatMap(({ better, worse }) => [better, worse]),
  ];
  return missing.length === 0 ? [] : [{ type: "not-measured", models: [...new Set(missing)] }];
}

/** True if the whole interval lies within the margin around the paper's number. */
function isNear({ interval, paper }: JudgedRow): boolean {
  const [low, high] = interval!;
  return low >= paper - margin && high <= paper + margin;
}
