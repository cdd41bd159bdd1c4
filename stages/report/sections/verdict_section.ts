/**
 * The section that states the claim, with the reasons, and the comparisons it rests on.
 *
 * @module
 */
import type { Interval } from "../../../treenet/statistics/crossed.ts";
import { leastSeeds } from "../../../treenet/statistics/outcome.ts";
import {
  type Claim,
  claimedOrder,
  type JudgedPair,
  type JudgedRow,
  margin,
  type Verdict,
} from "../../../treenet/statistics/verdict.ts";
import type { Answers } from "../read/answers.ts";
import type { Comparison } from "../read/comparisons.ts";
import { details, joined, table } from "../../../formats/markdown.ts";
import {
  compact,
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
  { order, levels, unleveled }: Verdict,
  { comparisons, answers, buffered, scaledDown }: {
    readonly comparisons: readonly Comparison[];
    readonly answers?: Answers;
    /** Models with running statistics, marked as in Table 1. */
    readonly buffered: readonly string[];
    readonly scaledDown: boolean;
  },
): string {
  const scale = scaledDown
    ? "at the scale of this run, of which nothing follows for the paper's"
    : "at the paper's scale";
  return joined([
    `## ${verdictTitle}`,
    "By [rules written down beforehand](../../docs/verdict.md), under the released probe on raw pixels.",
    [
      `- **The order, ${claimedOrder.map(modelTitle).join(" > ")}: ${order.outcome}** ${scale}.`,
      ...partsOf(
        order,
        ({ better, worse, interval }) =>
          `${modelTitle(better)} − ${modelTitle(worse)}${
            interval ? `, ${pointsRange(interval)} points` : ""
          }`,
      ),
      `- **The levels, each within ±${compact(100 * margin)} points of the paper's: ${levels.outcome}**${
        scaledDown ? ", as the run is scaled down ([deviations](#deviations-from-the-recipe))" : ""
      }.`,
      ...partsOf(levels, level),
      ...unleveled.map((row) =>
        `- ${level(row)}: no level to hold, as the paper's started from ImageNet weights.`
      ),
    ].join("\n"),
    comparisons.length === 0 ? undefined : comparisonsText(comparisons, { answers, buffered }),
  ]);
}

function level({ model, paper, interval }: JudgedRow): string {
  return `${modelTitle(model)}${interval ? `, ${percentRange(interval)}` : ""} against the paper's ${
    percent(paper)
  }`;
}

/** The parts of a claim as a list in the list of claims. */
function partsOf<Part extends JudgedPair | JudgedRow>(
  { parts }: Claim<Part>,
  inWords: (part: Part) => string,
): readonly string[] {
  return parts.map(({ part, outcome }) => {
    const lacks = part.interval === undefined
      ? ", as it was not measured"
      : part.seeds < leastSeeds
      ? `, with ${plural(part.seeds, "seed")} of the ${leastSeeds} that a claim takes`
      : "";
    return `  - ${inWords(part)}: ${outcome}${lacks}.`;
  });
}

/** Says what the intervals of paired differences carry. */
export function intervalsOf(seeds: number): string {
  return seeds > 1
    ? `intervals of ${plural(seeds, "seed")}, test images and the probe's choice`
    : "intervals of test images and the probe's choice alone: with one seed they say nothing about other seeds";
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
        `Differences in accuracy on the same ${images}test images, image by image; ${intervalsOf(seeds)}. ` +
        "They are not corrected for their number." +
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
