/**
 * Differences between the rows of Table 1 in every profile, so that the table is not overinterpreted. The
 * sources are in `docs/recipe.md`, "Known differences between rows".
 *
 * @module
 */
import { wilsonInterval } from "../../../treenet/probe/metrics.ts";
import { compact, percent, thousands } from "../../../formats/written_numbers.ts";
import { modelTitle, posterRow, posterTable, posterTestImages } from "../read/poster.ts";
import { ordered, type TrainedMeta } from "../read/sources.ts";
import type { Artifact } from "../../../pipeline/stage.ts";
import { from, modelOf } from "../../section.ts";
import type { TrainParams } from "../../train/params.ts";
import type { Run } from "./headline.ts";

/**
 * Known differences, as a list.
 *
 * @param buffered models with running statistics
 */
export function knownDifferences(
  { sources, settings }: Pick<Run, "sources" | "settings">,
  buffered: readonly string[],
): string {
  return [
    ...sizeDifferences(ordered(sources.trained)),
    spreadOfThePoster(),
    "The paper has no control; here every architecture also runs with its initial weights, and features that nobody " +
    "trained are judged beside them. A probe gains from width, so a control says most about rows of its own width.",
    "The authors' [released code](../../docs/recipe.md#linear-evaluation) evaluated on raw pixels; in the column " +
    "*Linear* images are normalised as in training, features are standardised, and the probe is solved to convergence, " +
    "with its L2 chosen on training images alone. The other columns say what each of these choices is worth.",
    ...buffered.map(runningStatistics),
    ...sources.trained.some(({ task }) =>
        (settings[task] as Partial<TrainParams> | undefined)?.type === "resnet50"
      )
      ? [
        "The released code's ResNet50 started from ImageNet weights; here it starts from random ones " +
        "like every other row.",
      ]
      : [],
  ].map((line) => `- ${line}`).join("\n");
}

/** Explains why the control of a model with BatchNorm differs from those of the others. */
function runningStatistics(model: string): string {
  return [
    `${modelTitle(model)} has BatchNorm, and what it gives for an image depends on running statistics:`,
    "those of the trained teacher were gathered from augmented views while it trained, those of its random",
    "initialisation in one pass over unaugmented images. The choice of statistics alone changes the accuracy of an untrained net a great",
    "deal ([measured](../../docs/recipe.md#known-differences-between-rows)), so in a short run the difference between",
    "the two columns may come from the statistics rather than from learning.",
  ].join(" ");
}

const sizes: readonly { readonly name: string; readonly of: (meta: TrainedMeta) => number }[] = [
  { name: "encoder parameters", of: (meta) => meta.encoderParameters },
  { name: "multiply-adds", of: (meta) => meta.multiplyAdds },
  { name: "the number of features that the probe sees", of: (meta) => meta.embedding },
];

/** Smallest and largest sizes, where they differ. */
function sizeDifferences(trained: readonly Artifact<TrainedMeta>[]): string[] {
  return sizes.flatMap(({ name, of }) => {
    const sorted = [...trained].sort((a, b) => of(a.meta) - of(b.meta));
    const [least, most] = [sorted[0], sorted.at(-1)];
    if (least === undefined || most === undefined || of(least.meta) === of(most.meta)) return [];
    const shown = (artifact: Artifact<TrainedMeta>) =>
      `${from(artifact.task, thousands(of(artifact.meta)))} (${modelTitle(modelOf(artifact))})`;
    return [
      `The rows are not matched in ${name}: from ${shown(least)} to ${shown(most)}, a factor of ` +
      `${compact(of(most.meta) / of(least.meta), 2)}.`,
    ];
  });
}

function spreadOfThePoster(): string {
  const halves = posterTable.map(({ accuracy }) => {
    const [low, high] = wilsonInterval(accuracy / 100, posterTestImages);
    return (high - low) / 2;
  });
  const gap = (posterRow("cnn")!.accuracy - posterRow("resnet50")!.accuracy).toFixed(1);
  const [least, most] = [Math.min(...halves), Math.max(...halves)].map(percent);
  return [
    "The paper gives one number a row without spread.",
    `On ${thousands(posterTestImages)} test images a 95% interval is`,
    `±${least} to ±${most} points, before any spread over seeds: its CNN and ResNet50 rows, ${gap} points apart,`,
    "cannot be ranked without paired predictions.",
  ].join(" ");
}
