/**
 * Measures of frozen features, as fractions of the test images.
 *
 * @module
 */
import type { Artifact } from "../../../pipeline/stage.ts";
import { wilsonInterval } from "../../../treenet/probe/metrics.ts";
import { type Crossed, crossedMean, type Interval } from "../../../treenet/statistics/crossed.ts";
import { type Answers, answersOf, probed } from "./answers.ts";
import { percent, percentRange, spread } from "../../../formats/written_numbers.ts";
import { from, modelOf, seedOf } from "../../section.ts";
import type { ProbeMeta, Share } from "./sources.ts";

export interface Measure {
  /** Column in `table1.csv`. */
  readonly column: string;
  readonly title: string;
  /** Returns the value; undefined if the probe was not asked for it, or could not compute it. */
  readonly of: (meta: ProbeMeta) => number | undefined;
  /** Row of the predictions that the value was counted from, if they were kept. */
  readonly row?: string;
}

/** k of the k-NN columns. */
export const neighbours = "20";

/** Measures of trained features, as the columns of Table 1. */
export const ownMeasures: readonly Measure[] = [
  { column: "linear", title: "Linear", of: (meta) => meta.teacher.linear.accuracy, row: "teacher" },
  { column: "raw", title: "Linear, raw pixels in", of: (meta) => meta.raw?.linear.accuracy, row: "raw" },
  {
    column: "released",
    title: "Released probe, raw pixels in",
    of: (meta) => meta.released?.raw?.accuracy,
    row: "released-raw",
  },
  {
    column: "released_normalised",
    title: "Released probe",
    of: (meta) => meta.released?.normalised.accuracy,
    row: "released",
  },
  { column: "knn", title: "k-NN", of: (meta) => meta.teacher.knn[neighbours] },
];

/** Measures of the initial weights, in the same columns as their counterparts. */
export const randomMeasures: readonly Measure[] = [
  { column: "random", title: "Linear", of: (meta) => meta.random.linear.accuracy, row: "random" },
  { column: "random_knn", title: "k-NN", of: (meta) => meta.random.knn[neighbours] },
];

export interface Summary {
  readonly mean: number;
  /** Standard deviation over seeds, if there are several. */
  readonly sd?: number;
  /**
   * 95% interval over seeds, the probe's repetitions and images; if predictions were not kept, for one seed
   * over the test images alone (Wilson), absent for several.
   */
  readonly interval?: Interval;
  readonly seeds: number;
}

/** Summary over the probes; undefined where one of them lacks the measure. */
export function summaryOf(
  probes: readonly Artifact<ProbeMeta>[],
  { measure, answers }: { readonly measure: Measure; readonly answers?: Answers },
): Summary | undefined {
  const values = probes.map((probe) => measure.of(probe.meta)).filter((value) => value !== undefined);
  if (values.length === 0 || values.length < probes.length) return undefined;
  const crossed = answers && measure.row !== undefined
    ? answersOf(answers, probed(modelOf(probes[0]), measure.row), probes.map(seedOf))
    : undefined;
  const { n } = probes[0].meta.teacher.linear;
  return {
    ...spread(values),
    seeds: values.length,
    interval: shareInterval(values.map((accuracy) => ({ accuracy, n })), crossed),
  };
}

/** Interval of a mean share, limited to 0 and 1; without predictions only that of a single seed is known. */
export function shareInterval(shares: readonly Share[], crossed: Crossed | undefined): Interval | undefined {
  if (crossed === undefined) {
    return shares.length === 1 ? wilsonInterval(shares[0].accuracy, shares[0].n) : undefined;
  }
  const [low, high] = crossedMean(crossed).interval;
  return [Math.max(0, low), Math.min(1, high)];
}

/** "45.0 (43.1–46.9)" for one seed; "45.0 ± 1.2 (43.1–46.9)" with the SD of several; linked to its task. */
export function summaryCell(task: string, { mean, sd, interval }: Summary): string {
  return [
    from(task, percent(mean)),
    ...sd === undefined ? [] : [`± ${percent(sd)}`],
    ...interval === undefined ? [] : [`(${percentRange(interval)})`],
  ].join(" ");
}
