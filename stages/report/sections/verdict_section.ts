/**
 * The section that states the claim, with the reasons, and the comparisons it rests on.
 *
 * @module
 */
import type { Interval } from "../../../treenet/statistics/crossed.ts";
import { leastSeeds, margin, type Reason, type Verdict } from "../../../treenet/statistics/verdict.ts";
import type { Answers } from "../read/answers.ts";
import type { Comparison } from "../read/comparisons.ts";
import { details, joined, table } from "../../../formats/markdown.ts";
import {
  capital,
  compact,
  listed,
  percent,
  percentRange,
  plural,
  points,
  pointsRange,
  thousands,
} from "../../../formats/written_numbers.ts";
import { modelTitle } from "../read/poster.ts";

/** Heading of the section, for links. */
export const verdictTitle = "Verdict";

export function verdictSection(
  { outcome, reasons }: Verdict,
  { comparisons, answers, buffered }: {
    readonly comparisons: readonly Comparison[];
    readonly answers?: Answers;
    /** Models with running statistics, marked as in Table 1. */
    readonly buffered: readonly string[];
  },
): string {
  return joined([
    `## ${verdictTitle}`,
    `**${
      capital(outcome)
    }**, by [a rule written down beforehand](../../docs/verdict.md): the paper's Table 1 counts as ` +
    `reproduced if DenseJoin > AvgJoin > CNN, each paired 95% interval above 0, and every row's interval within ` +
    `±${
      compact(100 * margin)
    } points of the paper's, under the released probe and with at least ${leastSeeds} ` +
    "seeds; as partially reproduced if the order alone holds.",
    reasons.map((reason) => `- ${inWords(reason)}`).join("\n"),
    comparisons.length === 0 ? undefined : comparisonsText(comparisons, { answers, buffered }),
  ]);
}

function inWords(reason: Reason): string {
  switch (reason.type) {
    case "scaled-down":
      return "This run is scaled down: what decides its numbers is not the paper's recipe " +
        "([deviations](#deviations-from-the-recipe)).";
    case "few-seeds":
      return `A claim between rows takes ${leastSeeds} seeds, and there ${
        reason.seeds === 1 ? "is 1" : `are ${thousands(reason.seeds)}`
      }.`;
    case "not-measured":
      return `Not measured under the released probe on raw pixels: ${listed(reason.models.map(modelTitle))}.`;
    case "order": {
      const { better, worse, interval } = reason.pair;
      return `${modelTitle(better)} − ${modelTitle(worse)}: ${pointsRange(interval!)} points, ` +
        `${reason.holds ? "above 0" : "not above 0"}.`;
    }
    case "row": {
      const { model, paper, interval } = reason.row;
      return `${modelTitle(model)}: ${percentRange(interval!)} against the paper's ${percent(paper)}, ` +
        `${reason.holds ? "within" : "not within"} ±${compact(100 * margin)} points.`;
    }
    default:
      return reason satisfies never;
  }
}

function comparisonsText(
  comparisons: readonly Comparison[],
  { answers, buffered }: { readonly answers?: Answers; readonly buffered: readonly string[] },
): string {
  const marked = (name: string) =>
    buffered.includes(name.split(", ")[0]) ? `${sideTitle(name)} †` : sideTitle(name);
  const images = answers === undefined ? "" : `${thousands(answers.labels.length)} `;
  const rows = comparisons.map(({ a, b, probe, difference: { mean, interval } }) => [
    marked(a.name),
    marked(b.name),
    probe === "linear" ? "linear" : "released, raw pixels in",
    points(mean),
    pointsRange(interval),
    isApart(interval) ? "yes" : "no",
  ]);
  const seeds = Math.max(...comparisons.map((comparison) => comparison.seeds.length));
  const header = ["A", "B", "Probe", "A − B, points", "95% interval", "Excludes 0"];
  return joined([
    details(
      "Paired comparisons",
      joined([
        table(header, rows, { align: "lllrrc" }),
        `Differences in accuracy on the same ${images}test images, image by image. The intervals are of resampled ` +
        `images${
          seeds > 1
            ? ` and seeds (${plural(seeds, "seed")})`
            : " alone: with one seed they say nothing about other seeds"
        }; ` +
        "they are not corrected for their number." +
        (seeds < leastSeeds ? ` Fewer than ${leastSeeds} seeds carry no claim between rows.` : "") +
        " As [data](comparisons.csv).",
        buffered.length === 0
          ? undefined
          : "† With BatchNorm: see [known differences](#known-differences-between-rows).",
      ]),
    ),
  ]);
}

/** Title of a side: "cnn", "cnn, random init", or a control's name. */
function sideTitle(name: string): string {
  const [model, ...rest] = name.split(", ");
  return [modelTitle(model), ...rest].join(", ");
}

function isApart([low, high]: Interval): boolean {
  return low > 0 || high < 0;
}
