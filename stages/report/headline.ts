/**
 * The first line of a report: the run, and whether it can say anything about the paper.
 *
 * @module
 */
import type { Deviation } from "./deviations.ts";
import { listed, plural, thousands } from "./numbers.ts";
import { modelTitle } from "./poster.ts";
import type { Settings } from "./settings.ts";
import { modelsOf, seedsOf, type Sources } from "./sources.ts";

export interface Run {
  /** Name of the profile; empty if unknown. */
  readonly profile: string;
  readonly sources: Sources;
  readonly settings: Settings;
  readonly deviations: readonly Deviation[];
}

/** Sections of a profile that decide the numbers of Table 1. */
const decisive = ["models", "download", "augment-cache", "train", "ema-teacher", "probe"];

/** Fields of those stages that change the way a result is computed and not the result. */
const immaterial = ["train.microBatch", "train.snapshots"];

/** True if something that decides Table 1's numbers differs from the recipe. */
export function isScaledDown({ deviations }: Pick<Run, "deviations">): boolean {
  return deviations.some(({ stage, field }) =>
    decisive.includes(stage) && !immaterial.includes(`${stage}.${field}`)
  );
}

export function headline(run: Run): string {
  const name = run.profile === "" ? "An unnamed profile" : `Profile \`${run.profile}\``;
  const what = `${name}: ${whatWasRun(run.sources)}`;
  return isScaledDown(run)
    ? `**Scaled down: these numbers do not test the paper's claim.** ${what}, with a recipe that differs from ` +
      "the paper's as listed under [Deviations from the recipe](#deviations-from-the-recipe)."
    : `${what}, by the [recipe](../../docs/recipe.md).`;
}

function whatWasRun(sources: Sources): string {
  const { trained, probes } = sources;
  const models = modelsOf([...trained, ...probes]).map(modelTitle);
  const seeds = seedsOf([...trained, ...probes]);
  const parts = [
    `${plural(models.length, "model")} (${listed(models)})`,
    seeds.length === 1 ? `seed ${seeds[0]}` : `seeds ${listed(seeds.map(String))}`,
    trained.length > 0
      ? `${extent(trained.map(({ meta }) => meta.images))} CIFAR-10 images seen by each model`
      : "",
    probes.length > 0 ? `${extent(probes.map(({ meta }) => meta.teacher.linear.n))} test images` : "",
  ];
  return parts.filter((part) => part !== "").join(", ");
}

/** One number if all are equal, else the smallest and the largest. */
function extent(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? thousands(low) : `${thousands(low)} to ${thousands(high)}`;
}
