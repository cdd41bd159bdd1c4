/**
 * Table 1: one row a model, over its seeds, as Markdown and as CSV.
 *
 * @module
 */
import type { Artifact } from "../../pipeline/types.ts";
import type { Row as CsvRow } from "../formats/csv.ts";
import { wilsonInterval } from "../treenet/probe/metrics.ts";
import { from, table, volatile } from "./markdown.ts";
import { percent, spread, thousands } from "./numbers.ts";
import { modelTitle, posterRow } from "./poster.ts";
import {
  modelOf,
  modelsOf,
  ordered,
  type ProbeMeta,
  seedOf,
  type Sources,
  type TrainedMeta,
} from "./sources.ts";

/** A model's artifacts, over the seeds it was trained with. */
export interface ModelRow {
  readonly model: string;
  readonly trained: readonly Artifact<TrainedMeta>[];
  readonly probes: readonly Artifact<ProbeMeta>[];
}

/** What is measured on the frozen features, as a fraction of the test images. */
interface Measure {
  /** In `table1.csv`. */
  readonly column: string;
  readonly title: string;
  /** Undefined where the probe was not asked for it. */
  readonly of: (meta: ProbeMeta) => number | undefined;
}

/** k of the k-NN columns. */
export const neighbours = "20";

const measures: readonly Measure[] = [
  { column: "linear", title: "Ours, linear", of: (meta) => meta.teacher.linear.accuracy },
  { column: "random", title: "Random init, linear", of: (meta) => meta.random.linear.accuracy },
  { column: "knn", title: "Ours, k-NN", of: (meta) => meta.teacher.knn[neighbours] },
  { column: "random_knn", title: "Random init, k-NN", of: (meta) => meta.random.knn[neighbours] },
];

export function rowsOf(sources: Sources): readonly ModelRow[] {
  return modelsOf([...sources.trained, ...sources.probes]).map((model) => ({
    model,
    trained: ordered(sources.trained).filter((artifact) => modelOf(artifact) === model),
    probes: ordered(sources.probes).filter((artifact) => modelOf(artifact) === model),
  }));
}

/** The table as printed; accuracies in per cent. Rows of the `marked` models carry a dagger. */
export function table1(
  rows: readonly ModelRow[],
  { marked }: { readonly marked: readonly string[] },
): string {
  const header = [
    "Type",
    "Channels",
    "N leaf",
    "Paper",
    ...measures.map((measure) => measure.title),
    "Parameters, encoder",
    "with head",
    "Multiply-adds",
    "Images seen",
    "Time",
  ];
  const lines = rows.map((row) => {
    const [title, ...others] = cells(row);
    return [marked.includes(row.model) ? `${title} †` : title, ...others];
  });
  return table(header, lines, { align: "llrrrrrrrrrrr" });
}

function cells(row: ModelRow): string[] {
  const facts = row.trained[0];
  const poster = posterRow(row.model);
  const fact = (value: (meta: TrainedMeta) => number | string) => {
    if (facts === undefined) return "–";
    const found = value(facts.meta);
    return from(facts.task, typeof found === "number" ? thousands(found) : found);
  };
  return [
    modelTitle(row.model),
    fact((meta) => meta.channels),
    fact((meta) => meta.leaves),
    poster === undefined ? "–" : poster.accuracy.toFixed(1),
    ...measures.map((measure) => accuracyCell(row.probes, measure)),
    fact((meta) => meta.encoderParameters),
    fact((meta) => meta.parametersWithHead),
    fact((meta) => meta.multiplyAdds),
    fact((meta) => meta.images),
    row.trained.map((artifact) => volatile(artifact.task, "seconds")).join("; ") || "–",
  ];
}

/** One seed: the accuracy and its 95% interval. Several: mean ± SD over seeds. */
function accuracyCell(probes: readonly Artifact<ProbeMeta>[], measure: Measure): string {
  const summary = summaryOf(probes, measure);
  if (summary === undefined) return "–";
  const { mean, sd, low, high } = summary;
  const value = from(probes[0].task, percent(mean));
  return sd === undefined
    ? `${value} (${percent(low)}–${percent(high)})`
    : `${value} ± ${percent(sd)} (n = ${probes.length})`;
}

interface Summary {
  readonly mean: number;
  /** Over seeds, where there are several. */
  readonly sd?: number;
  /** 95% interval over the test images, meant for one seed. */
  readonly low: number;
  readonly high: number;
}

/** Undefined where a probe was not asked for the measure. */
function summaryOf(probes: readonly Artifact<ProbeMeta>[], measure: Measure): Summary | undefined {
  const values = probes.map((probe) => measure.of(probe.meta)).filter((value) => value !== undefined);
  if (values.length === 0 || values.length < probes.length) return undefined;
  const { mean, sd } = spread(values);
  const [low, high] = wilsonInterval(mean, probes[0].meta.teacher.linear.n);
  return { mean, sd, low, high };
}

/** Every seed by itself, where there are several. */
export function seedTable(rows: readonly ModelRow[]): string {
  const lines = rows.flatMap((row) =>
    row.probes.map((probe) => [
      modelTitle(row.model),
      String(seedOf(probe)),
      ...measures.map((measure) => accuracyCell([probe], measure)),
    ])
  );
  return table(["Type", "Seed", ...measures.map((measure) => measure.title)], lines, {
    align: "lrrrrr",
  });
}

/** `table1.csv`: fractions in [0, 1], counts as whole numbers, empty where there is none. */
export function table1Csv(rows: readonly ModelRow[], options: { readonly scaledDown: boolean }): Table {
  const cells = rows.map((row) => csvRow(row, options.scaledDown));
  return { columns: csvColumns, rows: cells };
}

interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly CsvRow[];
}

const csvColumns = [
  "model",
  "type",
  "channels",
  "leaves",
  "scaled_down",
  "seeds",
  "test_images",
  "paper",
  ...measures.flatMap(({ column }) => [column, `${column}_sd`, `${column}_low`, `${column}_high`]),
  "encoder_parameters",
  "parameters_with_head",
  "multiply_adds",
  "images_seen",
  "probe_digests",
];

function csvRow({ model, trained, probes }: ModelRow, scaledDown: boolean): CsvRow {
  const meta = trained[0]?.meta;
  const poster = posterRow(model);
  return {
    model,
    type: modelTitle(model),
    channels: meta?.channels ?? null,
    leaves: meta?.leaves ?? null,
    scaled_down: scaledDown,
    seeds: probes.map(seedOf).join(" "),
    test_images: probes[0]?.meta.teacher.linear.n ?? null,
    paper: poster === undefined ? null : rounded(poster.accuracy / 100),
    ...Object.assign({}, ...measures.map((measure) => csvAccuracy(probes, measure))) as CsvRow,
    encoder_parameters: meta?.encoderParameters ?? null,
    parameters_with_head: meta?.parametersWithHead ?? null,
    multiply_adds: meta?.multiplyAdds ?? null,
    images_seen: meta?.images ?? null,
    probe_digests: probes.map((probe) => probe.digest).join(" "),
  };
}

/** Mean, sample SD over seeds, and for one seed the bounds of its 95% interval. */
function csvAccuracy(probes: readonly Artifact<ProbeMeta>[], measure: Measure): CsvRow {
  const summary = summaryOf(probes, measure);
  if (summary === undefined) return {};
  const { column } = measure;
  const { mean, sd, low, high } = summary;
  return sd === undefined
    ? { [column]: rounded(mean), [`${column}_low`]: rounded(low), [`${column}_high`]: rounded(high) }
    : { [column]: rounded(mean), [`${column}_sd`]: rounded(sd) };
}

/** To a millionth: no trace of the order of a sum. */
function rounded(fraction: number): number {
  return Math.round(fraction * 1e6) / 1e6;
}
