/**
 * The rule that calls a leaf a failed learner, a specialist (consistent or inconsistent) or a generalist. The
 * paper names the categories without a rule; this one was fixed before the runs it is applied to (docs/recipe.md,
 * "Categories"). It compares a leaf with itself before training and reads only the selection half of the test images.
 *
 * A leaf **passes** a test if its p-value, Holm-corrected over all leaves of the tree, is at most 5%.
 *
 * - **failed**: it does not pass the test that its probe is right more often than before training (McNemar), or its
 *   input dependence is under 5% of the median leaf's, or its effective rank is under 2.
 * - **specialist**: it did not fail, its gains in AUROC stand out on some classes more than an even learner's, by a test
 *   that it passes, and the mean gain on those classes is at least twice that on the others.
 * - **generalist**: it is neither.
 * - A leaf is **consistent** if its maps follow flips and colour jitter (ρ at least ½, and at least half of
 *   the brightest tenth kept, which is an intersection over union of ⅓) and it passes the test that its maps
 *   agree more within a class than between classes, against permuted labels.
 *
 * @module
 */
import { concentration } from "./concentration.ts";
import { type Consistency, PERMUTATIONS } from "../consistency.ts";
import type { HalvedDecoding } from "./decoding.ts";
import type { Halves } from "./halves.ts";
import { mean, quantile } from "../quantile.ts";
import type { HalvedConsistency } from "../map_images.ts";
import { type AreaGains, standardErrors } from "../../statistics/delong.ts";
import type { McNemar } from "../../statistics/mcnemar.ts";
import { normalTail } from "../../statistics/normal.ts";
import { holm, permutationP, type Tested } from "./significance.ts";
import {
  type Contrast,
  contrastOf,
  Contrasts,
  type DrawOptions,
  evenLearners,
  type Favoured,
} from "./specialism.ts";
import type { Spread } from "./spread.ts";

export type Category = "consistent specialist" | "inconsistent specialist" | "generalist" | "failed";

/** All categories, in the order of captions. */
export const CATEGORIES: readonly Category[] = [
  "consistent specialist",
  "inconsistent specialist",
  "generalist",
  "failed",
];

/** Thresholds of the rule: constants, and one value that follows from the leaves. */
export interface Rule {
  /** Largest Holm-adjusted p-value that passes a test. */
  readonly level: number;
  readonly minDependence: number;
  readonly minRank: number;
  /** Least mean gain of a specialist on its classes, as a multiple of that on the others. */
  readonly minRatio: number;
  readonly minCorrelation: number;
  readonly minOverlap: number;
  /** Draws of even learners and permutations of labels; no p can be under 1 / (their number + 1). */
  readonly draws: number;
  readonly permutations: number;
}

/** Measures of one leaf, after training or before, on one half of the images. */
export interface LeafFindings {
  /** Accuracy of the single-leaf probe. */
  readonly accuracy: number;
  readonly aurocs: Float64Array;
  readonly spread: Spread;
  readonly consistency: Consistency;
}

/** One leaf after training and before, on one half of the images. */
export interface LeafChange {
  readonly after: LeafFindings;
  readonly before: LeafFindings;
  /** Images on which exactly one of the two is right. */
  readonly learned: McNemar;
  /** AUROC after minus before, by class; negative for a loss. */
  readonly gains: Float64Array;
  readonly gainErrors: Float64Array;
  /** Mean gains on the favoured classes, which the selection half chooses, and on the others. */
  readonly contrast: Contrast;
  /** Concentration of the gains, 0 to 1; losses count as zero. */
  readonly concentration: number;
  /** ρ of the maps after training with those before: near 0 if they depend on what was learnt (Adebayo et al. 2018). */
  readonly untrainedCorrelation: number;
}

/** Category of a leaf, with its measures on both halves of the images. */
export interface LeafReport extends Readonly<Record<keyof Halves, LeafChange>> {
  readonly leaf: number;
  readonly category: Category;
  readonly consistent: boolean;
  readonly favoured: Favoured;
  readonly tests: LeafTests;
}

/** Tests on the selection half. */
export interface LeafTests {
  /** Test that the leaf's probe is right more often than before training. */
  readonly learned: Tested;
  /** Test that its AUROC, averaged over classes, is above that before training; no category rests on it. */
  readonly gained: Tested;
  /** Test that its gains stand out on some classes more than an even learner's. */
  readonly uneven: Tested;
  /** Test that its maps agree more within a class than between classes. */
  readonly agreeing: Tested;
}

/** A measure of one leaf on each half of the images, after training and before. */
export type Twice<T> = Readonly<Record<"after" | "before", Readonly<Record<keyof Halves, T>>>>;

/** Measures with an entry for each leaf. */
export interface LeafMeasures {
  readonly decodings: readonly HalvedDecoding[];
  readonly spreads: readonly Twice<Spread>[];
  readonly consistencies: readonly HalvedConsistency[];
}

const LEVEL = 0.05;
const DEPENDENCE_SHARE = 0.05;
const MIN_RANK = 2;
const MIN_RATIO = 2;
const MIN_CORRELATION = 0.5;
const MIN_OVERLAP = 1 / 3;

/** Applies the rule to every leaf. */
export function categorize(measures: LeafMeasures, options: DrawOptions): {
  readonly rule: Rule;
  readonly leaves: readonly LeafReport[];
} {
  const rule = ruleFor(measures, options);
  const specialisms = measures.decodings.map(({ selection }) => specialismOf(selection.gains, options));
  const tests = testsOf(measures, specialisms);
  const leaves = specialisms.map(({ favoured }, leaf) => {
    const on = (half: keyof Halves) => changeOf(measures, { leaf, half, favoured });
    const report = {
      leaf,
      favoured,
      tests: tests[leaf],
      selection: on("selection"),
      measurement: on("measurement"),
    };
    const consistent = isConsistent(report, rule);
    return { ...report, consistent, category: categoryOf({ ...report, consistent }, rule) };
  });
  return { rule, leaves };
}

interface Specialism {
  readonly favoured: Favoured;
  readonly p: number;
}

function specialismOf({ values, covariance }: AreaGains, options: DrawOptions): Specialism {
  const favoured = new Contrasts(covariance).favoured(values);
  return { favoured, p: permutationP(favoured.statistic, evenLearners(covariance, options)) };
}

function testsOf(
  { decodings, consistencies }: LeafMeasures,
  specialisms: readonly Specialism[],
): readonly LeafTests[] {
  const learned = holm(decodings.map(({ selection }) => selection.learned.p));
  const gained = holm(decodings.map(({ selection }) => meanGainP(selection.gains)));
  const uneven = holm(specialisms.map(({ p }) => p));
  const agreeing = holm(consistencies.map(({ selection }) => selection.after.agreementP));
  return decodings.map((_, leaf) => ({
    learned: learned[leaf],
    gained: gained[leaf],
    uneven: uneven[leaf],
    agreeing: agreeing[leaf],
  }));
}

/** One-sided p that the mean gain over classes is above 0; 1 where nothing changed. */
function meanGainP({ values, covariance }: AreaGains): number {
  const error = Math.sqrt(mean(covariance.map(mean)));
  return error > 0 ? normalTail(mean(values) / error) : 1;
}

function changeOf(
  { decodings, spreads, consistencies }: LeafMeasures,
  { leaf, half, favoured }: {
    readonly leaf: number;
    readonly half: keyof Halves;
    readonly favoured: Favoured;
  },
): LeafChange {
  const { learned, gains, ...decoded } = decodings[leaf][half];
  const maps = consistencies[leaf][half];
  const findings = (when: "after" | "before"): LeafFindings => ({
    accuracy: decoded[when].accuracy,
    aurocs: decoded[when].aurocs,
    spread: spreads[leaf][when][half],
    consistency: maps[when],
  });
  return {
    after: findings("after"),
    before: findings("before"),
    learned,
    gains: gains.values,
    gainErrors: standardErrors(gains),
    contrast: contrastOf(gains.values, favoured.classes),
    concentration: concentration(gains.values),
    untrainedCorrelation: maps.untrainedCorrelation,
  };
}

function ruleFor({ spreads }: LeafMeasures, { draws }: DrawOptions): Rule {
  const dependences = spreads.map(({ after }) => after.selection.dependence);
  return {
    level: LEVEL,
    minDependence: DEPENDENCE_SHARE * quantile(dependences, 0.5),
    minRank: MIN_RANK,
    minRatio: MIN_RATIO,
    minCorrelation: MIN_CORRELATION,
    minOverlap: MIN_OVERLAP,
    draws,
    permutations: PERMUTATIONS,
  };
}

function categoryOf(
  { tests, consistent, selection }: Pick<LeafReport, "tests" | "consistent" | "selection">,
  rule: Rule,
): Category {
  const { spread } = selection.after;
  const failed = tests.learned.adjusted > rule.level || spread.dependence < rule.minDependence ||
    spread.rank < rule.minRank;
  if (failed) return "failed";
  if (tests.uneven.adjusted > rule.level || !standsOut(selection.contrast, rule)) return "generalist";
  return consistent ? "consistent specialist" : "inconsistent specialist";
}

/** The gain on the favoured classes is large enough beside that on the others. */
export function standsOut({ own, others }: Contrast, { minRatio }: Pick<Rule, "minRatio">): boolean {
  return own > 0 && own >= minRatio * others;
}

function isConsistent({ selection, tests }: Pick<LeafReport, "selection" | "tests">, rule: Rule): boolean {
  const maps = selection.after.consistency;
  return Math.min(maps.flipCorrelation, maps.jitterCorrelation) >= rule.minCorrelation &&
    Math.min(maps.flipOverlap, maps.jitterOverlap) >= rule.minOverlap &&
    tests.agreeing.adjusted <= rule.level;
}

/** Number of leaves in each category. */
export function countCategories(leaves: readonly LeafReport[]): Readonly<Record<Category, number>> {
  return Object.fromEntries(
    CATEGORIES.map((name) => [name, leaves.filter(({ category }) => category === name).length]),
  ) as Record<Category, number>;
}
