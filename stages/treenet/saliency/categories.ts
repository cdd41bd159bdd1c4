/**
 * The rule that calls a leaf a failed learner, a specialist (consistent or inconsistent) or a generalist. The paper
 * names the categories without a rule; this one was fixed before it was applied to any trained leaf. Nulls come from
 * the leaves of the untrained network and from permuted labels, not from the trained leaves' own spread. It reads
 * nothing but the selection half of the images.
 *
 * A leaf **passes** a test if its p-value, after Holm's correction over all leaves of the tree, is at most 5%.
 *
 * - **failed**: does not pass the test that its single-leaf accuracy is above an untrained leaf's (prediction interval
 *   of those of the untrained network), or its input dependence is under 5% of the median trained leaf's, or its
 *   effective rank is under 2.
 * - **specialist**: not failed, and its AUROC gains over the untrained leaves' mean are concentrated on few classes:
 *   as entropy of their squares, more than on five classes evenly (1 − ln 5 / ln 10), and it passes the test against
 *   leaves that gain the same on every class, with the noise of permuted labels.
 * - **generalist**: neither.
 * - a leaf is **consistent** if its maps follow flips and colour jitter (ρ at least ½, and at least half of the
 *   brightest tenth kept, which is an intersection over union of ⅓) and it passes the test that they agree more within
 *   a class than between, against permuted labels.
 *
 * @module
 */
import { concentration, gainsOver } from "./concentration.ts";
import type { Consistency } from "./consistency.ts";
import { type Decoding, type DecodingReport, type HalvedDecoding, meanOf } from "./decoding.ts";
import type { Halves } from "./halves.ts";
import { mean, quantile } from "./quantile.ts";
import { holm, permutationP, predictionP, type Tested } from "./significance.ts";
import type { Spread } from "./spread.ts";
import type { HalvedConsistency } from "./survey.ts";

export type Category = "consistent specialist" | "inconsistent specialist" | "generalist" | "failed";

/** In the order of captions. */
export const CATEGORIES: readonly Category[] = [
  "consistent specialist",
  "inconsistent specialist",
  "generalist",
  "failed",
];

/** The rule's numbers: constants, and what follows from the null. */
export interface Rule {
  /** Of Holm-adjusted p-values. */
  readonly level: number;
  /** Mean and greatest single-leaf accuracy of the untrained leaves, on the selection half. */
  readonly untrainedAccuracy: { readonly mean: number; readonly highest: number };
  readonly minDependence: number;
  readonly minRank: number;
  readonly minConcentration: number;
  readonly minCorrelation: number;
  readonly minOverlap: number;
}

/** What was found of one leaf on one half of the images. */
export interface LeafFindings {
  /** Of the single-leaf probe. */
  readonly accuracy: number;
  readonly aurocs: Float64Array;
  /** AUROC minus the untrained leaves' mean on the same half, by class; negative for a loss. */
  readonly gains: Float64Array;
  /** Of the gains; losses count as none. */
  readonly concentration: number;
  readonly spread: Spread;
  readonly consistency: Consistency;
}

/** All that the rule knows of one leaf of a tree, and what the other half of the images says. */
export interface LeafReport extends Readonly<Record<keyof Halves, LeafFindings>> {
  readonly leaf: number;
  readonly category: Category;
  readonly consistent: boolean;
  readonly tests: LeafTests;
}

/** On the selection half. */
export interface LeafTests {
  /** Knows more than an untrained leaf. */
  readonly learned: Tested;
  /** Its gains are more concentrated than an even learner's. */
  readonly concentrated: Tested;
  /** Its maps agree more within a class than between. */
  readonly agreeing: Tested;
}

/** One leaf's, on either half. */
export type HalvedSpread = Readonly<Record<keyof Halves, Spread>>;

export interface LeafMeasures {
  readonly decoding: DecodingReport;
  readonly spreads: readonly HalvedSpread[];
  readonly consistencies: readonly HalvedConsistency[];
}

const LEVEL = 0.05;
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

/** How many leaves of each category. */
export function countCategories(leaves: readonly LeafReport[]): Readonly<Record<Category, number>> {
  return Object.fromEntries(
    CATEGORIES.map((name) => [name, leaves.filter(({ category }) => category === name).length]),
  ) as Record<Category, number>;
}
