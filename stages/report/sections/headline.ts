/**
 * The first line of a report: the run, and whether it can say anything about the paper.
 *
 * @module
 */
import type { Deviation } from "../read/deviations.ts";
import { listed, plural, thousands } from "../../../formats/written_numbers.ts";
import { modelTitle } from "../read/poster.ts";
import type { ReportParams } from "../params.ts";
import type { Settings } from "../read/settings.ts";
import { type Graph, modelsOf, seedsOf, type Sources } from "../read/sources.ts";

export interface Run {
  /** Name of the profile; empty if unknown. */
  readonly profile: string;
  readonly sources: Sources;
  /** Models of a sweep; empty without one. */
  readonly sweep: ReportParams["sweep"];
  readonly settings: Settings;
  readonly graph: Graph;
  /** Model → side of a view, pixels → multiply-adds of its encoder. */
  readonly viewCosts: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly deviations: readonly Deviation[];
}

/** Fields of the stages behind Table 1 that change how a result is computed, not what it is. */
const immaterial = ["train.microBatch", "train.snapshots"];

/** True where a setting that decides Table 1's numbers differs from the recipe. */
export function isScaledDown({ deviations, graph }: Pick<Run, "deviations" | "graph">): boolean {
  const decisive = ["models", ...withUpstream("probe", graph)];
  return deviations.some(({ stage, field }) =>
    decisive.includes(stage) && !immaterial.includes(`${stage}.${field}`)
  );
}

/** A stage and all that it reads, directly or not. */
function withUpstream(stage: string, graph: Graph): readonly string[] {
  const reads = graph.find((each) => each.stage === stage)?.reads ?? [];
  return [stage, ...reads.flatMap((input) => withUpstream(input, graph))];
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
