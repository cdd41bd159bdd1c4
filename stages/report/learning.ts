/**
 * The section of what was learned after how many images.
 *
 * @module
 */
import type { Curve } from "./curves.ts";
import type { Drawn } from "./figures.ts";
import { from, image, joined, table } from "./markdown.ts";
import { listed, percent, points, thousands } from "./numbers.ts";
import { ordered, type Sources } from "./sources.ts";

/** The curves and their picture. */
export interface Learned {
  readonly curves: readonly Curve[];
  readonly picture: Drawn;
}

/** Accuracies whose ends are given in numbers. */
const ends = [
  { column: "test_linear", title: "Embedding" },
  { column: "test_linear_leaves", title: "Leaf outputs" },
];

/** @param options.buffered models with running statistics, marked as in Table 1 */
export function learningSection(
  sources: Sources,
  { learned, buffered }: { readonly learned?: Learned; readonly buffered: readonly string[] },
): string | undefined {
  if (learned === undefined) return undefined;
  const { picture, curves } = learned;
  const tasks = listed(ordered(sources.learning).map(({ task }) => from(task, `\`${task}\``)));
  return joined([
    "## Learning curves",
    image("Accuracy of linear and k-NN probes and RankMe over images seen", picture.png),
    `*Learning curves.* The initial weights, teachers kept on the way and the last one: ${tasks}. Linear: logistic ` +
    "regression on the embedding and on the outputs of all leaves, quicker than that of Table 1 and on fewer images, " +
    "so the numbers are not Table 1's ([recipe](../../docs/recipe.md#learning-curves)). Validation images are training images that it was not fitted on. As " +
    `[SVG](${picture.svg}) and [data](${picture.csv}).`,
    endsTable(sources, { curves, buffered }),
    buffered.length === 0
      ? undefined
      : "† With BatchNorm: the change may be that of [running statistics](#known-differences-between-rows) alone.",
  ]);
}

/** From the first point of every curve to its last, per cent of the test images. */
function endsTable(
  sources: Sources,
  { curves, buffered }: { readonly curves: readonly Curve[]; readonly buffered: readonly string[] },
): string {
  const tasks = ordered(sources.learning).map(({ task }) => task);
  const rows = curves.map(({ model, title, seed, log }, i) => [
    buffered.includes(model) ? `${title} †` : title,
    String(seed),
    from(tasks[i], thousands(log.images.at(-1) ?? 0)),
    ...ends.map(({ column }) => change(log[column])),
  ]);
  return table(["Type", "Seed", "Images seen", ...ends.map(({ title }) => `${title}, first → last`)], rows, {
    align: "lrrrr",
  });
}

function change(values: readonly number[] | undefined): string {
  const measured = values?.filter(Number.isFinite) ?? [];
  if (measured.length === 0) return "–";
  const [first, last] = [measured[0], measured[measured.length - 1]];
  return `${percent(first)} → ${percent(last)} (${points(last - first)})`;
}
