/**
 * Whether a run reproduces the paper's Table 1, by a rule written down before any run that could answer it. In words:
 * docs/verdict.md.
 *
 * @module
 */
import type { Interval } from "./crossed.ts";

/** Fewer seeds are shown, and no claim is made of them. */
export const leastSeeds = 6;

/** Points of accuracy, as a fraction, that a row's interval may be away from the paper's number. */
export const margin = 0.03;

/** The order that the paper's claim is about, best first. */
export const claimedOrder = ["dense-join", "avg-join", "cnn"] as const;

/** A row of the paper's table, judged as the paper's were. */
export interface JudgedRow {
  readonly model: string;
  /** The paper's accuracy, a fraction. */
  readonly paper: number;
  readonly seeds: number;
  /** 95%, of the accuracy under the released probe; absent where that was not measured. */
  readonly interval?: Interval;
}

/** Two rows next to each other in the claimed order, on the same images. */
export interface JudgedPair {
  readonly better: string;
  readonly worse: string;
  /** That both have. */
  readonly seeds: number;
  /** 95%, of the difference of their accuracies; absent where it was not measured. */
  readonly interval?: Interval;
}

/** All that the rule looks at. */
export interface Evidence {
  /** Something that decides the numbers was not done as the recipe says. */
  readonly scaledDown: boolean;
  readonly rows: readonly JudgedRow[];
  readonly pairs: readonly JudgedPair[];
}

/** Every reason for a verdict, in the order of the rule. */
export type Reason =
  | { readonly type: "scaled-down" }
  | { readonly type: "few-seeds"; readonly seeds: number }
  | { readonly type: "not-measured"; readonly models: readonly string[] }
  | { readonly type: "order"; readonly pair: JudgedPair; readonly holds: boolean }
  | { readonly type: "row"; readonly row: JudgedRow; readonly holds: boolean };

/** What may be said of the paper's claim. */
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

/** The whole interval lies within the margin of the paper's number. */
function isNear({ interval, paper }: JudgedRow): boolean {
  const [low, high] = interval!;
  return low >= paper - margin && high <= paper + margin;
}
