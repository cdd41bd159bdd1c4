/**
 * The section around Table 1.
 *
 * @module
 */
import type { Artifact } from "../../../pipeline/stage.ts";
import { leastSeeds } from "../../../treenet/statistics/outcome.ts";
import type { Answers } from "../read/answers.ts";
import { isScaledDown, type Run } from "./headline.ts";
import { details, joined } from "../../../formats/markdown.ts";
import { neighbours, ownMeasures, summaryOf } from "../read/table_measures.ts";
import { capital, listed, thousands } from "../../../formats/written_numbers.ts";
import { from, modelOf } from "../../section.ts";
import { modelTitle, posterTestImages } from "../read/poster.ts";
import { ordered, seedsOf, type TrainedMeta } from "../read/sources.ts";
import { type Rows, rowsOf, seedTable, sizeTable, table1 } from "./table1.ts";

export interface Printed {
  /** Models with running statistics. */
  readonly buffered: readonly string[];
  readonly answers?: Answers;
}

export function resultsSection(run: Run, { buffered, answers }: Printed): string {
  const rows = rowsOf(run);
  const heading = "## Table 1: linear evaluation";
  if (rows.models.length === 0) return joined([heading, "No model was trained in this run."]);
  const seeds = seedsOf(run.sources.probes).length;
  return joined([
    heading,
    table1(rows, { marked: buffered, answers }),
    caption(run, { rows, seeds }),
    rows.models.some(({ model }) => buffered.includes(model)) ? caveat : undefined,
    healthLine(ordered(run.sources.trained)),
    seeds > 1 ? details("Every seed", seedTable(rows, answers)) : undefined,
    details("Sizes of the models", joined([sizeTable(rows), sizesCaption])),
  ]);
}

const caveat =
  "† With BatchNorm. In a short run the gain of such a row over its random initialisation may come from its running " +
  "statistics rather than from learning: see [below](#known-differences-between-rows).";

const sizesCaption =
  "Parameters and multiply-adds (an image, encoder only) are defined in [the recipe](../../docs/recipe.md#models); the " +
  "embedding is what the probes see; images seen are source images, not views.";

function caption(run: Run, { rows, seeds }: { readonly rows: Rows; readonly seeds: number }): string {
  return [
    `*Table 1${isScaledDown(run) ? " (scaled down)" : ""}.*`,
    "Top-1 accuracies on CIFAR-10's test images in per cent.",
    `Paper: its Table 1, one number a row on ${thousands(posterTestImages)} images.`,
    ...columnsInWords(rows),
    "Gain: points of the linear probe over the same architecture with its initial weights, image by image.",
    "Controls were not trained, or not as a whole, and are judged on the same images by the same probe.",
    seeds > 1
      ? "Mean ± sample SD over seeds; in brackets a 95% interval of seeds, test images and [the probe's choice](../../docs/verdict.md#intervals)."
      : "In brackets: 95% intervals of test images and [the probe's choice](../../docs/verdict.md#intervals) alone; they say nothing about other seeds.",
    "As [data](table1.csv).",
    warning(run, seeds),
  ].join(" ");
}

/** Explanations of the probes in the columns. */
function columnsInWords({ models }: Rows): string[] {
  const has = (column: string) => {
    const measure = ownMeasures.find((each) => each.column === column)!;
    return models.some(({ probes }) => summaryOf(probes, { measure }) !== undefined);
  };
  return [
    "Linear: multinomial logistic regression on the frozen teacher's embedding of normalised images, solved to convergence.",
    ...has("raw") ? ["Raw pixels in: the teacher is given pixels of 0 to 255, as in the released code."] : [],
    ...has("released_normalised")
      ? [
        "Released probe: the released code's, one layer trained by Adam until its loss stops falling, mean over seeds of that layer.",
      ]
      : [],
    `k-NN: cosine, k = ${neighbours}.`,
    "What each is and where it comes from: [the recipe](../../docs/recipe.md#linear-evaluation).",
  ];
}

/** Limits of the table. */
function warning(run: Run, seeds: number): string {
  const few = seeds > 1 ? `${thousands(seeds)} seeds` : "One seed";
  if (seeds < leastSeeds) {
    return `**${few} ${
      seeds > 1 ? "do" : "does"
    } not rank the models:** a claim between rows takes ${leastSeeds}. ` +
      "Read each row against its own random initialisation and the controls.";
  }
  return isScaledDown(run) ? "**A ranking here is one of a scaled-down recipe.**" : "";
}

/** Health of every training at its end, grouped by health. */
function healthLine(trained: readonly Artifact<TrainedMeta>[]): string | undefined {
  const kinds = [...new Set(trained.map(({ meta }) => meta.health))].filter((health) => health !== undefined);
  if (kinds.length === 0) return undefined;
  const parts = kinds.map((health) => {
    const runs = trained.filter(({ meta }) => meta.health === health)
      .map((artifact) => from(artifact.task, `${modelTitle(modelOf(artifact))} ${artifact.point.seed}`));
    return `${health}: ${listed(runs)}`;
  });
  return `*Health of the trainings* (model and seed). ${capital(parts.join("; "))}. ` +
    "What they are called rests on the measures of [Training curves](#training-curves).";
}
