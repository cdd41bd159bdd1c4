/**
 * The claim that disconnected pathways need fewer parameters (2 of docs/claims.md), from a study along the number of leaves.
 *
 * @module
 */
import type { Outcome } from "../statistics/outcome.ts";
import { type Claim, leastSeeds, type Part } from "./claim.ts";
import { type Crossed, crossedMean } from "../statistics/crossed.ts";
import { difference } from "../statistics/paired.ts";
import { crossedEstimate, type Estimate } from "./estimates.ts";

/** A row of the study, judged on the same images as the others and with the same seeds. */
export interface StudyRow {
  /** m */
  readonly leaves: number;
  /** Parameters of all leaves. */
  readonly parameters: number;
  /** Right answers of the embedding's probe. */
  readonly right: Crossed;
}

/** Margin of accuracies that count as equal. */
const MARGIN = 0.01;
/** Largest share of the parameters that counts as fewer, and the range of shares that count as equal. */
const SHARE = { fewer: 0.8, most: 1.05, least: 0.95 };

/** Some m saves parameters. */
export function parametersClaim(rows: readonly StudyRow[]): Claim {
  const single = rows.find(({ leaves }) => leaves === 1);
  const trees = rows.filter(({ leaves }) => leaves > 1).sort((a, b) => a.leaves - b.leaves);
  if (single === undefined || trees.length === 0) return { outcome: "not tested", parts: [] };
  const parts = trees.map((tree): Part => {
    const estimate = gap(tree, single, 1 - 0.05 / trees.length);
    const share = tree.parameters / single.parameters;
    const quantity = `m = ${tree.leaves}, ${
      Math.round(100 * share)
    }% of the parameters: accuracy − that of m = 1`;
    return { quantity, unit: "points", estimate, outcome: savingOf(estimate, share) };
  });
  const outcomes = parts.map(({ outcome }) => outcome);
  return { outcome: anyOf(outcomes), parts };
}

function gap(tree: StudyRow, single: StudyRow, level: number): Estimate {
  return crossedEstimate(crossedMean(difference(tree.right, single.right), { level }), tree.right.seeds);
}

/** A tree reaches the single path with fewer parameters, or is better with equally many. */
function savingOf({ seeds, interval: [low, high] }: Estimate, share: number): Outcome {
  if (seeds < leastSeeds.control) return "not tested";
  if (share <= SHARE.fewer && low > -MARGIN || share <= SHARE.most && low > MARGIN) return "supported";
  return share >= SHARE.least && high < MARGIN ? "contradicted" : "undecided";
}

function anyOf(outcomes: readonly Outcome[]): Outcome {
  if (outcomes.includes("not tested")) return "not tested";
  if (outcomes.includes("supported")) return "supported";
  return outcomes.every((outcome) => outcome === "contradicted") ? "contradicted" : "undecided";
}
