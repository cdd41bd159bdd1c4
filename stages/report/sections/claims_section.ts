/**
 * The table that leads a report: each claim of the poster, what was measured, and what follows from it.
 *
 * @module
 */
import { joined, table } from "../../../formats/markdown.ts";
import {
  listed,
  percent,
  percentRange,
  points,
  pointsRange,
  thousands,
} from "../../../formats/written_numbers.ts";
import { from, modelOf } from "../../section.ts";
import { leastSeeds, type Part, type Unit } from "../../../treenet/claims/claim.ts";
import type { Aside, Judged } from "../read/claims.ts";
import { modelTitle, posterTable } from "../read/poster.ts";
import { artifactsOf, ordered, type Sources } from "../read/sources.ts";
import { isScaledDown, type Run } from "./headline.ts";

/** Heading of the section, for links. */
export const claimsTitle = "The claims";

export function claimsSection(run: Run, claims: readonly Judged[]): string {
  const rows = claims.map((claim, at) => [
    `${at + 1}. [${claim.title}](../../docs/claims.md#rules)`,
    measuredHere(run.sources, claim, at === 0),
    `**${claim.outcome}**`,
    seedsIn(claim),
    scaleOf(run, claim),
  ]);
  return joined([
    `## ${claimsTitle}`,
    table(["Claim of the poster, with its rule", "Measured here", "Outcome", "Seeds", "Scale"], rows, {
      align: "lllrl",
    }),
    "*The claims*, by [rules written down beforehand](../../docs/claims.md). In brackets: 95% intervals, over seeds and test " +
    "images for accuracies, over seeds for all else; in italics: shown beside, decides nothing. Joint: DenseJoin; independent: " +
    "the same leaves, each trained with a head and a loss of its own. Rows that are ranked take " +
    `${leastSeeds.ranked} seeds, comparisons with a control ${leastSeeds.control}. An outcome is about the scale of its ` +
    "run. As [data](claims.csv), which [scripts](../../docs/claims.md#from-the-artifacts) compute again from the artifacts.",
  ]);
}

/** Every quantity with its interval, linked to the first artifact that holds it. */
function measuredHere(sources: Sources, { parts, beside, rows, stages }: Judged, first: boolean): string {
  const linked = ({ quantity, unit, estimate }: Part | Aside, stage: string) => {
    if (estimate === undefined) return `${quantity}: not measured`;
    const held = artifactsOf(stage, sources), own = held.find((each) => modelOf(each) === rows[0]) ?? held[0];
    return `${quantity}: ${from(own.task, written(estimate, unit))}`;
  };
  const decisive = parts.map((part, at) => {
    const text = linked(part, stages[Math.min(at, stages.length - 1)]);
    return part.estimate === undefined ? text : `${text}, ${part.outcome}`;
  });
  const [best] = [...posterTable].sort((a, b) => b.accuracy - a.accuracy);
  const paper = first ? [`*the paper's best row, ${best.type}: ${percent(best.accuracy / 100)}*`] : [];
  const shown = beside.map((aside) => `*${linked(aside, aside.stage ?? stages[0])}*`);
  const lines = [...decisive, ...shown, ...paper];
  return lines.length === 0 ? "no study of m in this run" : lines.join("<br/>");
}

function written({ mean, interval }: Aside["estimate"], unit: Unit): string {
  switch (unit) {
    case "points":
      return `${points(mean)} ${bracketed(interval, pointsRange)}`;
    case "share":
      return `${percent(mean)} ${bracketed(interval, percentRange)}`;
    case "trees":
      return thousands(mean);
    case "none":
      return `${signed(mean)} ${bracketed(interval, (ends) => ends.map(signed).join(" to "))}`;
    default:
      return unit satisfies never;
  }
}

/** The interval in words where there is one: a single seed has none over seeds. */
function bracketed(
  interval: readonly [number, number],
  inWords: (interval: readonly [number, number]) => string,
): string {
  return interval.every(Number.isFinite) ? `(${inWords(interval)})` : "(one seed)";
}

/** 0.1234 → "+0.123". */
function signed(value: number): string {
  const shown = Math.abs(value).toFixed(3);
  return `${Number(shown) === 0 ? "" : value < 0 ? "−" : "+"}${shown}`;
}

function seedsIn({ parts }: Judged): string {
  const counts = [...new Set(parts.map(({ estimate }) => estimate?.seeds ?? 0))];
  return counts.length === 0 ? "0" : listed(counts.map(thousands));
}

/** Leaves and images of the trainings that a claim is about. */
function scaleOf(run: Run, { rows }: Judged): string {
  const own = ordered(run.sources.trained).find((each) => modelOf(each) === rows[0]);
  if (own === undefined) return `no ${modelTitle(rows[0])} here`;
  const { task, meta: { leaves, images } } = own;
  const size = `m = ${from(task, thousands(leaves))}, ${from(task, thousands(images))} images`;
  return isScaledDown(run) ? `${size}, scaled down` : `${size}, the recipe`;
}
