/**
 * The rule that calls a leaf a failed learner, a specialist (consistent or inconsistent) or a generalist. The paper
 * names the categories without a rule; this one was fixed before any trained leaf had been looked at. Thresholds come
 * from the leaves of the untrained network and from permuted labels, not from the trained leaves' own spread.
 *
 * - **failed**: the single-leaf probe's accuracy is not above the 95th percentile of the untrained leaves', or its
 *   input dependence is under 5% of the median trained leaf's, or its effective rank is under 2.
 * - **specialist**: not failed, and its AUROC gains over the untrained leaves' mean are concentrated on few classes:
 *   as entropy of their squares, more than on five classes evenly (1 − ln 5 / ln 10), and above the 95th percentile of what leaves that gain the same on
 *   every class show with the noise of permuted labels.
 * - **generalist**: neither.
 * - a leaf is **consistent** if its maps follow flips and colour jitter (ρ at least ½, and at least half of the
 *   brightest tenth kept, which is an intersection over union of ⅓) and agree more within a class than between, by
 *   more than the 95th percentile under permuted labels.
 *
 * @module
 */
import type { Consistency } from "./consistency.ts";
import type { DecodingReport } from "./decoding.ts";
import { meanOf } from "./decoding.ts";
import { concentration, gainsOver } from "./concentration.ts";
import { quantile } from "./quantile.ts";
import type { Spread } from "./spread.ts";

export type Category = "consistent specialist" | "inconsistent specialist" | "generalist" | "failed";

/** In the order of captions. */
export const CATEGORIES: readonly Category[] = [
  "consistent specialist",
  "inconsistent specialist",
  "generalist",
  "failed",
];

/** The rule's numbers: constants, and thresholds that follow from the null. */
export interface Rule {
  /** Percentile of the null that a leaf must exceed. */
  readonly percentile: number;
  readonly minAccuracy: number;
  readonly minDependence: number;
  readonly minRank: number;
  readonly minConcentration: number;
  readonly minCorrelation: number;
  readonly minOverlap: number;
}

/** All that is known of one leaf of a tree. */
export interface LeafReport {
  readonly leaf: number;
  readonly category: Category;
  readonly consistent: boolean;
  readonly accuracy: number;
  readonly aurocs: Float64Array;
  /** Over the untrained leaves' mean AUROC, by class. */
  readonly gains: Float64Array;
  readonly concentration: number;
  readonly spread: Spread;
  readonly consistency: Consistency;
}

export interface LeafMeasures {
  readonly decoding: DecodingReport;
  readonly spreads: readonly Spread[];
  readonly consistencies: readonly Consistency[];
}

const PERCENTILE = 95;
const DEPENDENCE_SHARE = 0.05;
const MIN_RANK = 2;
/** The concentration of a gain that is even on five classes of ten and nothing on the others. */
const HALF_THE_CLASSES = 1 - Math.log(5) / Math.log(10);
const MIN_CORRELATION = 0.5;
const MIN_OVERLAP = 1 / 3;

/** Applies the rule to every leaf. */
export function categorize(measures: LeafMeasures): {
  readonly rule: Rule;
  readonly leaves: readonly LeafReport[];
} {
  const rule = ruleFor(measures);
  const { decoding, spreads, consistencies } = measures;
  const baseline = meanOf(decoding.null.map(({ aurocs }) => aurocs));
  const leaves = decoding.trained.map(({ accuracy, aurocs }, leaf) => {
    const gains = gainsOver(aurocs, baseline);
    const known = { accuracy, concentration: concentration(gains), spread: spreads[leaf] };
    const consistent = isConsistent(consistencies[leaf], rule);
    const category = categoryOf({ ...known, consistent }, rule);
    return { leaf, category, consistent, ...known, aurocs, gains, consistency: consistencies[leaf] };
  });
  return { rule, leaves };
}

function ruleFor({ decoding, spreads }: LeafMeasures): Rule {
  return {
    percentile: PERCENTILE,
    minAccuracy: quantile(decoding.null.map(({ accuracy }) => accuracy), PERCENTILE / 100),
    minDependence: DEPENDENCE_SHARE * quantile(spreads.map(({ dependence }) => dependence), 0.5),
    minRank: MIN_RANK,
    minConcentration: Math.max(HALF_THE_CLASSES, quantile(decoding.chance, PERCENTILE / 100)),
    minCorrelation: MIN_CORRELATION,
    minOverlap: MIN_OVERLAP,
  };
}

function categoryOf(
  leaf: Pick<LeafReport, "accuracy" | "concentration" | "spread" | "consistent">,
  rule: Rule,
): Category {
  const failed = leaf.accuracy <= rule.minAccuracy || leaf.spread.dependence < rule.minDependence ||
    leaf.spread.rank < rule.minRank;
  if (failed) return "failed";
  if (leaf.concentration <= rule.minConcentration) return "generalist";
  return leaf.consistent ? "consistent specialist" : "inconsistent specialist";
}

function isConsistent(maps: Consistency, rule: Rule): boolean {
  const follows = Math.min(maps.flipCorrelation, maps.jitterCorrelation) >= rule.minCorrelation &&
    Math.min(maps.flipOverlap, maps.jitterOverlap) >= rule.minOverlap;
  return follows && maps.withinClass - maps.betweenClass > maps.chanceAgreement;
}

/** How many leaves of each category. */
export function countCategories(leaves: readonly LeafReport[]): Readonly<Record<Category, number>> {
  return Object.fromEntries(
    CATEGORIES.map((name) => [name, leaves.filter(({ category }) => category === name).length]),
  ) as Record<Category, number>;
}
