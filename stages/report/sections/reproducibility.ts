/**
 * The section for reviewers: the attempt, its method, its result and its cost.
 *
 * @module
 */
import { leastSeeds } from "../../../treenet/statistics/outcome.ts";
import type { Verdict } from "../../../treenet/statistics/verdict.ts";
import type { Answers } from "../read/answers.ts";
import type { Comparison } from "../read/comparisons.ts";
import { computeTable } from "./compute.ts";
import { isScaledDown, type Run } from "./headline.ts";
import { joined } from "../../../formats/markdown.ts";
import { listed, plural, points, pointsRange, thousands } from "../../../formats/written_numbers.ts";
import { volatile } from "../../section.ts";
import { modelTitle } from "../read/poster.ts";
import { everyArtifact, modelsOf, seedsOf } from "../read/sources.ts";
import { verdictTitle } from "./verdict_section.ts";

/** Results of the run. */
export interface Findings {
  readonly verdict: Verdict;
  readonly comparisons: readonly Comparison[];
  readonly answers?: Answers;
  /** Models whose features depend on running statistics: those with BatchNorm. */
  readonly buffered: readonly string[];
}

export function reproducibilitySection(run: Run, findings: Findings): string {
  return joined([
    "## Reproducibility",
    `**Scope.** ${scope(run)}`,
    `**Method.** ${method(run)}`,
    `**Results.** ${results(run, findings)}`,
    `**What was easy.** ${easy}`,
    `**What was hard.** ${hard}`,
    `**Deviations.** ${deviationsInWords(run)}`,
    "**Compute.**",
    computeTable(run) ?? "Nothing was trained in this run.",
    `**Commands and digests.** ${commandsInWords(run)}`,
  ]);
}

function scope({ sources }: Run): string {
  const models = modelsOf(sources.trained).map(modelTitle);
  const trained = models.length === 0 ? "No model was trained" : `${listed(models)} were trained`;
  return [
    "The claim under test is the paper's Table 1: on CIFAR-10, without labels, a tree of disconnected pathways with a",
    "dense join learns features that a linear probe reads better than those of an averaging join, of one wide pathway and",
    "of ResNet50. Beside it Figures 3 to 5: what single leaves look at, and how the representations lie.",
    `${trained} here with ${plural(seedsOf(sources.trained).length, "seed")}.`,
  ].join(" ");
}

function method(run: Run): string {
  return [
    "Everything was written anew from the paper and from facts of its authors' released code, none of whose lines is used:",
    "what was taken from where is in [the recipe](../../docs/recipe.md). Every model is judged with frozen features by a",
    "probe whose optimum does not depend on seed or schedule, and by the released code's; beside its own initial weights,",
    "and beside controls on the same test images. Differences are taken image by image, and their intervals carry the",
    "variance of test images, of the probe's choice and, where there are several, of seeds.",
    ...run.sources.probes.length === 0
      ? []
      : [`The rule for a verdict was [written down beforehand](../../docs/verdict.md).`],
  ].join(" ");
}

function results({ sources }: Run, { verdict, comparisons, answers, buffered }: Findings): string {
  const controlModels = modelsOf(sources.trained.filter(({ meta }) => meta.control === true));
  const judged = comparisons.filter(({ a }) => !controlModels.includes(a.name));
  const [gains, controls] = (["gain", "control"] as const)
    .map((kind) => judged.filter((comparison) => comparison.kind === kind));
  const above = gains.filter(({ difference }) => difference.interval[0] > 0);
  // A model's own initial weights are a control too.
  const beaten = new Set(
    [...gains, ...controls].filter(({ difference }) => difference.interval[1] < 0).map(({ a }) => a.name),
  );
  const seeds = Math.max(0, ...comparisons.map((comparison) => comparison.seeds.length));
  return [
    `Of the paper's Table 1 the order is ${verdict.order.outcome} by this run and the levels are ${verdict.levels.outcome} ` +
    `([${verdictTitle}](#verdict)).`,
    ...gains.length === 0 ? [] : [
      `Training gained over the same architecture's initial weights, by an interval above 0, in ${
        above.length === 0 ? "none" : thousands(above.length)
      } of ${plural(gains.length, "model")}${
        above.length === 0 ? "" : `: ${listed(above.map((gain) => gainInWords(gain, buffered)))}`
      }.`,
    ],
    ...controls.length === 0 ? [] : [
      beaten.size === 0
        ? "No control is ahead of a trained model by an interval that excludes 0."
        : `At least one control is ahead of ${listed([...beaten].map(modelTitle))}, by an interval ` +
          "that excludes 0.",
    ],
    ...answers === undefined ? [] : [`All on ${thousands(answers.labels.length)} test images.`],
    ...seeds === 0 || seeds >= leastSeeds ? [] : [
      `With ${plural(seeds, "seed")} these are no claims: the intervals are ${
        seeds === 1 ? "of no other seed and " : ""
      }not corrected for their number.`,
    ],
  ].join(" ");
}

function gainInWords({ a, difference: { mean, interval } }: Comparison, buffered: readonly string[]): string {
  const caveat = buffered.includes(a.name)
    ? ", which [may not be learning](#known-differences-between-rows) but running statistics"
    : "";
  return `${modelTitle(a.name)} ${points(mean)} (${pointsRange(interval)})${caveat}`;
}

const easy = [
  "The data set: it is public, and its official batches have published sums. The architectures: the parameter counts of",
  "the released code's models came out to the number. Repeating a run: no draw depends on the clock, on the number of",
  "cores or on what ran before, so the default backend gives the same bytes again on any number of cores.",
].join(" ");

const hard = [
  "The paper states neither augmentations, schedules nor how linear evaluation was done; they are known from the released",
  "code alone, and how many seeds its numbers are of is not known at all. That evaluation feeds raw pixels to encoders",
  "trained on normalised ones and stops by the training loss, so part of a published number may be the evaluation's.",
  "Untrained encoders are strong here: a probe on random features, or on k-means patches, sets a floor that a short",
  "training need not rise above, and without that floor in the table an untrained net looks like a result.",
].join(" ");

function deviationsInWords(run: Run): string {
  const count = run.deviations.length;
  if (count === 0) return "None: every parameter is the recipe's.";
  const differs = `${plural(count, "field")} of the recipe ${count === 1 ? "differs" : "differ"}`;
  return `${differs} in this run, listed with both values under ` +
    "[Deviations from the recipe](#deviations-from-the-recipe). " +
    (isScaledDown(run) ? "They decide numbers of Table 1." : "They decide no model's row of Table 1.");
}

function commandsInWords(run: Run): string {
  return `\`${volatile("report", "command")}\` made this report; ` +
    "[How to check and rerun](#how-to-check-and-rerun) has the commands to repeat all or parts of it. " +
    "[Where the numbers come from](#where-the-numbers-come-from) has the digest of each of the " +
    `${
      plural(everyArtifact(run).length, "artifact")
    }, [Hardware and versions](#hardware-and-versions) what ` +
    "they were made on and with.";
}
