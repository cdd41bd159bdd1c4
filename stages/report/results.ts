/**
 * The section around Table 1.
 *
 * @module
 */
import { isScaledDown, type Run } from "./headline.ts";
import { details, joined } from "./markdown.ts";
import { posterTestImages } from "./poster.ts";
import { thousands } from "./numbers.ts";
import { seedsOf } from "./sources.ts";
import { neighbours, rowsOf, seedTable, table1 } from "./table1.ts";

/** @param buffered models with running statistics */
export function resultsSection(run: Run, buffered: readonly string[]): string {
  const rows = rowsOf(run.sources);
  const seeds = seedsOf(run.sources.probes).length;
  return joined([
    "## Table 1: linear evaluation",
    rows.length === 0 ? "No model was trained in this run." : table1(rows, { marked: buffered }),
    rows.length === 0 ? undefined : caption(run, seeds),
    rows.some(({ model }) => buffered.includes(model)) ? caveat : undefined,
    seeds > 1 ? details("Every seed", seedTable(rows)) : undefined,
  ]);
}

const caveat =
  "† With BatchNorm. In a short run the gain of such a row over its random initialisation may come from its running " +
  "statistics rather than from learning: see [below](#known-differences-between-rows).";

function caption(run: Run, seeds: number): string {
  return [
    `*Table 1${isScaledDown(run) ? " (scaled down)" : ""}.*`,
    "Top-1 accuracies on CIFAR-10's test images in per cent.",
    `Paper: its Table 1, one number a row on ${thousands(posterTestImages)} images.`,
    "Linear: multinomial logistic regression on the frozen teacher's embedding; k-NN: cosine, k = " +
    `${neighbours}, on the same features; random init: both on the same architecture with its initial weights.`,
    seeds > 1
      ? "Ours: mean ± sample SD over seeds."
      : "In brackets: 95% Wilson interval over the test images alone; it says nothing about other seeds.",
    "Parameters and multiply-adds are defined in [the recipe](../../docs/recipe.md#models); images seen are source " +
    "images, not views; time is of training alone. As [data](table1.csv).",
    verdict(run, seeds),
  ].join(" ");
}

/** What the table can and cannot say. */
function verdict(run: Run, seeds: number): string {
  const few = seeds > 1 ? `${seeds} seeds` : "One seed";
  const short = isScaledDown(run) ? " of a scaled-down recipe" : "";
  const verb = seeds > 1 ? "do" : "does";
  return `**${few}${short} ${verb} not rank the models:** read each row against its own random initialisation.`;
}
