/**
 * The sections that compare a run with the recipe.
 *
 * @module
 */
import type { Json } from "../../../pipeline/stage.ts";
import type { Deviation } from "../read/deviations.ts";
import { knownDifferences } from "./differences.ts";
import type { Run } from "./headline.ts";
import { joined, table } from "../../../formats/markdown.ts";
import { compact, listed } from "../../../formats/written_numbers.ts";
import { from } from "../../section.ts";
import type { TrainParams } from "../../train/params.ts";
import { modelTitle } from "../read/poster.ts";
import { modelsOf, ordered } from "../read/sources.ts";

export function deviationsSection(run: Run): string {
  const models = modelsOf(run.sources.trained);
  const rows = run.deviations.map((deviation) => [
    deviation.stage,
    `\`${deviation.field}\``,
    shownValue(deviation.recipe),
    shownValue(deviation.here),
    forWhom(deviation, models),
  ]);
  return joined([
    "## Deviations from the recipe",
    "Made by comparing the parameters of every task with those of the `paper` profile, field by field. Values are " +
    "written as in a profile; `–` is a field that a side does not have. The recipe and its sources: " +
    "[docs/recipe.md](../../docs/recipe.md).",
    rows.length === 0 ? "None." : table(["Section", "Field", "Recipe", "Here", "Models"], rows),
    reuse(run),
  ]);
}

export function differencesSection(run: Run, buffered: readonly string[]): string {
  return joined(["## Known differences between rows", knownDifferences(run, buffered)]);
}

function forWhom({ models }: Deviation, all: readonly string[]): string {
  if (models.length === 0) return "";
  return models.length === all.length && all.length > 1 ? "all" : listed(models.map(modelTitle));
}

/** Views that are used more than once, for each seed's cache. */
function reuse({ sources, settings }: Run): string | undefined {
  const lines = ordered(sources.views).flatMap((views) => {
    const { rounds } = views.meta;
    const epochs = ordered(sources.trained)
      .filter(({ task, point }) =>
        point.seed === views.point.seed && !(settings[task] as Partial<TrainParams> | undefined)?.views
      )
      .map(({ meta }) => meta.epochs);
    const most = Math.max(0, ...epochs);
    if (rounds === 0 || most <= rounds) return [];
    const [round, times] = [from(views.task, String(rounds)), Math.ceil(most / rounds)];
    return [
      `- Views are reused: epoch e trains on round e mod ${round} of \`${views.task}\`, so over ` +
      `${compact(most)} epochs each view is seen up to ${times} times; ` +
      "the recipe draws fresh views for every epoch.",
    ];
  });
  return lines.length === 0 ? undefined : lines.join("\n");
}

/** A parameter in the form of a profile. */
function shownValue(value: Json | undefined): string {
  if (value === undefined) return "–";
  if (value === null) return "null";
  if (Array.isArray(value) && value.every((entry) => typeof entry === "number")) return value.join(", ");
  return typeof value === "number"
    ? String(value)
    : typeof value === "string"
    ? value
    : JSON.stringify(value);
}
