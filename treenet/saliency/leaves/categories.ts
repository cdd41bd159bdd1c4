/**
 * The rule that calls a leaf a failed learner, a specialist (consistent or inconsistent) or a generalist. The
 * paper names the categories without a rule; this rule was fixed before it was applied to any trained leaf.
 * Its null distributions come from the leaves of the untrained network and from permuted labels, not from the
 * spread among trained leaves. It reads only the selection half of the images.
 *
 * A leaf **passes** a test if its p-value, Holm-corrected over all leaves of the tree, is at most 5%.
 *
 * - **failed**: it does not pass the test that its single-leaf accuracy is above an untrained leaf's
 *   (prediction interval from the leaves of the untrained network), or its input dependence is under 5% of
 *   the median trained leaf's, or its effective rank is under 2.
 * - **specialist**: it did not fail, its AUROC gains over the untrained leaves' mean are concentrated on few
 *   classes (by the entropy of their squares, more than an even gain on five classes: 1 − ln 5 / ln 10), and
 *   it passes the test against leaves that gain the same on every class, with the noise of permuted labels.
 * - **generalist**: it is neither.
 * - A leaf is **consistent** if its maps follow flips and colour jitter (ρ at least ½, and at least half of
 *   the brightest tenth kept, which is an intersection over union of ⅓) and it passes the test that its maps
 *   agree more within a class than between classes, against permuted labels.
 *
 * @module
 */
import { concentration, gainsOver } from "./concentration.ts";
import type { Consistency } from "../consistency.ts";
import { type Decoding, type DecodingReport, type HalvedDecoding, meanOf } from "./decoding.ts";
import type { Halves } from "./halves.ts";
import { mean, quantile } from "../quantile.ts";
import { holm, permutationP, predictionP, type Tested } from "./significance.ts";
import type { Spread } from "./spread.ts";
import type { HalvedConsistency } from "../map_images.ts";

export type Category = "consistent specialist" | "inconsistent specialist" | "generalist" | "failed";

/** All categories, in the order of captions. */
export const CATEGORIES: readonly Category[] = [
  "consistent specialist",
  "inconsistent specialist",
  "generalist",
  "failed",
];

/** Thresholds of the rule: constants, and values that follow from the null. */
export interface Rule {
  /** Largest Holm-adjusted p-value that passes a test. */
  readonly level: number;
  /** Mean and greatest single-leaf accuracy of the untrained leaves, on the selection half. */
  readonly untrainedAccuracy: { readonly mean: number; readonly highest: number };
  readonly minDependence: number;
  readonly minRank: number;
  readonly minConcentration: number;
  readonly minCorrelation: number;
  readonly minOverlap: number;
}

/** Measures of one leaf on one half of the images. */
export interface LeafFindings {
  /** Accuracy of the single-leaf probe. */
  readonly accuracy: number;
  readonly aurocs: Float64Array;
  /** AUROC minus the untrained leaves' mean on the same half, by class; negative for a loss. */
  readonly gains: Float64Array;
  /** Concentration of the gains; losses count as zero. */
  readonly concentration: number;
  readonly spread: Spread;
  readonly consistency: Consistency;
}

/** Category of a leaf, with its measures on both halves of the images. */
export interface LeafReport extends Readonly<Record<keyof Halves, LeafFindings>> {
  readonly leaf: number;
  readonly category: Category;
  readonly consistent: boolean;
  readonly tests: LeafTests;
}

/** Tests on the selection half. */
export interface LeafTests {
  /** Test that the leaf knows more than an untrained leaf. */
  readonly learned: Tested;
  /** Test that its gains are more concentrated than an even learner's. */
  readonly concentrated: Tested;
  /** Test that its maps agree more within a class than between classes. */
  readonly agreeing: Tested;
}

/** Spread of one leaf on each half of the images. */
export type HalvedSpread = Readonly<Record<keyof Halves, Spread>>;

export interface LeafMeasures {
  readonly decoding: DecodingReport;
  readonly spreads: readonly HalvedSpread[];
  readonly consistencies: readonly HalvedConsistency[];
}

const LEVEL = 0.05;
const DEPENDENCE_SHARE = 0.05;
const MIN_RANK = 2;
/** Concentration of a gain that is equal on five of ten classes and zero on the others. */
const HALF_THE_CLASSES = 1 - Math.log(5) / Math.log(10);
const MIN_CORRELATION = 0.5;
const MIN_OVERLAP = 1 / 3;

/** Applies the rule to every leaf. */
export function categorize(measures: LeafMeasures): {
  readonly rule: Rule;
  readonly leaves: readonly LeafReport[];
} {
  const rule = ruleFor(measures);
  const [selection, measurement] = [findings(measures, "selection"), findings(measures, "measurement")];
  const tests = testsOf(selection, measures.decoding);
  const leaves = selection.map((found, leaf): LeafReport => {
    const consistent = isConsistent(found.consistency, tests[leaf], rule);
    const category = categoryOf(found, { tests: tests[leaf], consistent, rule });
    return {
      leaf,
      category,
      consistent,
      tests: tests[leaf],
      selection: found,
      measurement: measurement[leaf],
    };
  });
  return { rule, leaves };
}

function findings(
  { decoding, spreads, consistencies }: LeafMeasures,
  half: keyof Halves,
): readonly LeafFindings[] {
  const baseline = meanOf(decoding.null.map((leaf) => leaf[half].aurocs));
  return decoding.trained.map((leaf, i) => {
    const { accuracy, aurocs }: Decoding = leaf[half];
    return {
      accuracy,
      aurocs,
      gains: aurocs.map((value, label) => value - baseline[label]),
      concentration: concentration(gainsOver(aurocs, baseline)),
      spread: spreads[i][half],
      consistency: consistencies[i][half],
    };
  });
}

function testsOf(found: readonly LeafFindings[], decoding: DecodingReport): readonly LeafTests[] {
  const accuracies = untrainedAccuracies(decoding.null);
  const learned = holm(found.map(({ accuracy }) => predictionP(accuracy, accuracies)));
  const concentrated = holm(found.map((leaf) => permutationP(leaf.concentration, decoding.chance)));
  const agreeing = holm(found.map(({ consistency }) => consistency.agreementP));
  return found.map((_, leaf) => ({
    learned: learned[leaf],
    concentrated: concentrated[leaf],
    agreeing: agreeing[leaf],
  }));
}

function ruleFor({ decoding, spreads }: LeafMeasures): Rule {
  const accuracies = untrainedAccuracies(decoding.null);
  const dependences = spreads.map(({ selection }) => selection.dependence);
  return {
    level: LEVEL,
    untrainedAccuracy: { mean: mean(accuracies), highest: Math.max(...accuracies) },
    minDependence: DEPENDENCE_SHARE * quantile(dependences, 0.5),
    minRank: MIN_RANK,
    minConcentration: HALF_THE_CLASSES,
    minCorrelation: MIN_CORRELATION,
    minOverlap: MIN_OVERLAP,
  };
}

function untrainedAccuracies(leaves: readonly HalvedDecoding[]): readonly number[] {
  return leaves.map(({ selection }) => selection.accuracy);
}

function categoryOf(
  leaf: LeafFindings,
  o: { readonly tests: LeafTests; readonly consistent: boolean; readonly rule: Rule },
): Category {
  const { tests, rule } = o;
  const failed = tests.learned.adjusted > rule.level || leaf.spread.dependence < rule.minDependence ||
    leaf.spread.rank < rule.minRank;
  if (failed) return "failed";
  const special = leaf.concentration > rule.minConcentration && tests.concentrated.adjusted <= rule.level;
  if (!special) return "generalist";
  return o.consistent ? "consistent specialist" : "inconsistent specialist";
}

function isConsistent(maps: Consistency, { agreeing }: LeafTests, rule: Rule): boolean {
  return Math.min(maps.flipCorrelation, maps.jitterCorrelation) >= rule.minCorrelation &&
    Math.min(maps.flipOverlap, maps.jitterOverlap) >= rule.minOverlap &&
    agreeing.adjusted <= rule.level;
}

/** Number of leaves in each category. */
export function countCategories(leaves: readonly LeafReport[]): Readonly<Record<Category, number>> {
  return Object.fromEntries(
    CATEGORIES.map((name) => [name, leaves.filter(({ category }) => category === name).length]),
  ) as Record<Category, number>;
}
