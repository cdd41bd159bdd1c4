/**
 * The section of a sweep: accuracy, size and cost over the values of the swept fields, as a table and a figure.
 *
 * @module
 */
import type { Artifact, Json } from "../../../pipeline/stage.ts";
import type { Row } from "../../../formats/csv.ts";
import { image, joined, table } from "../../../formats/markdown.ts";
import {
  flops,
  listed,
  plural,
  points,
  pointsRange,
  rounded,
  thousands,
} from "../../../formats/written_numbers.ts";
import { type Measured, ordinalFigure, type Series } from "../../../treenet/figures/ordinal.ts";
import { leastSeeds } from "../../../treenet/statistics/verdict.ts";
import { alternatives, from, modelOf, type Page, volatile } from "../../section.ts";
import type { ReportParams } from "../params.ts";
import type { Answers } from "../read/answers.ts";
import { gainOf } from "../read/comparisons.ts";
import { byPoster, modelTitle } from "../read/poster.ts";
import { ordered, type ProbeMeta, type TrainedMeta } from "../read/sources.ts";
import { ownMeasures, type Summary, summaryCell, summaryOf } from "../read/table_measures.ts";
import { costOf } from "./compute.ts";
import type { Run } from "./headline.ts";

type Swept = ReportParams["sweep"][number];

/** A model of the sweep with its artifacts, over its seeds. */
interface Line extends Swept {
  readonly trained: readonly Artifact<TrainedMeta>[];
  readonly probes: readonly Artifact<ProbeMeta>[];
  /** Accuracy of the linear probe, as in Table 1. */
  readonly linear?: Summary;
  /** Floating point operations of one training. */
  readonly cost?: number;
}

/** The section; undefined without a sweep, or where nothing of it was trained. */
export async function sweepSection(
  run: Run,
  { page, answers }: { readonly page: Page; readonly answers?: Answers },
): Promise<string | undefined> {
  const lines = linesOf(run, answers).filter(({ trained }) => trained.length > 0);
  if (lines.length === 0) return undefined;
  const fields = [...new Set(lines.flatMap(({ values }) => Object.keys(values)))].sort();
  const x = fields.reduce((a, b) => valuesOf(b, lines).length > valuesOf(a, lines).length ? b : a);
  const picture = await page.draw("sweep", {
    svg: ordinalFigure(seriesOf(lines, { x, fields }), {
      title: `Accuracy, size and cost over ${x}`,
      x,
      values: valuesOf(x, lines),
      panels,
    }),
    ...dataOf(lines, fields),
  });
  return joined([
    "## Sweep",
    sweepTable(lines, { fields, answers }),
    image(`Accuracy, size and cost over ${x}`, picture.png),
    caption(lines, { x, fields }) + alternatives(picture),
  ]);
}

function linesOf(run: Run, answers?: Answers): readonly Line[] {
  return [...run.sweep].sort((a, b) => byPoster(a.of, b.of)).map((swept) => {
    const own = <Meta>(artifacts: readonly Artifact<Meta>[]) =>
      ordered(artifacts).filter((artifact) => modelOf(artifact) === swept.model);
    const trained = own(run.sources.trained), probes = own(run.sources.probes);
    return {
      ...swept,
      trained,
      probes,
      linear: summaryOf(probes, { measure: ownMeasures[0], answers }),
      cost: trained.length === 0 ? undefined : costOf(trained[0], run),
    };
  });
}

/** A field's values in words, numbers in ascending order, others as the sweep names them. */
function valuesOf(field: string, lines: readonly Swept[]): readonly string[] {
  const values = lines.filter(({ values }) => field in values).map(({ values }) => values[field]);
  const sorted = values.every((value) => typeof value === "number") ? values.sort((a, b) => a - b) : values;
  return [...new Set(sorted.map(inWords))];
}

function inWords(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value as Json);
}

function sweepTable(
  lines: readonly Line[],
  { fields, answers }: { readonly fields: readonly string[]; readonly answers?: Answers },
): string {
  const rows = lines.map((line) => {
    const { of, model, values, trained: [{ task, meta }], linear, cost } = line;
    const gain = answers && gainOf(answers, model)?.difference;
    return [
      modelTitle(of),
      ...fields.map((field) => field in values ? inWords(values[field]) : "–"),
      String(line.trained.length),
      linear === undefined ? "–" : summaryCell(line.probes[0].task, linear),
      gain === undefined ? "–" : `${points(gain.mean)} (${pointsRange(gain.interval)})`,
      from(task, thousands(meta.encoderParameters)),
      thousands(meta.parametersWithHead),
      thousands(meta.multiplyAdds),
      cost === undefined ? "–" : flops(cost),
      line.trained.map((artifact) => volatile(artifact.task, "seconds")).join(", "),
    ];
  });
  const names = fields.map((field) => `\`${field}\``);
  const header = ["Type", ...names, "Seeds", "Linear", "Gain over random init", ...sizes];
  return table(header, rows, { align: `l${"r".repeat(header.length - 1)}` });
}

const sizes = ["Parameters", "With head", "Multiply-adds", "Training", "Time"];

const panels = {
  accuracy: "Linear probe, accuracy (%)",
  parameters: "Parameters of the encoder",
  multiply_adds: "Multiply-adds of an image",
  training_tflop: "Training of the encoder (TFLOP)",
};

function measuredOf({ trained: [{ meta }], linear, cost }: Line): Record<string, Measured> {
  const interval = linear?.interval && ([100 * linear.interval[0], 100 * linear.interval[1]] as const);
  return {
    ...linear && { accuracy: { value: 100 * linear.mean, interval } },
    parameters: { value: meta.encoderParameters },
    multiply_adds: { value: meta.multiplyAdds },
    ...cost !== undefined && { training_tflop: { value: cost / 1e12 } },
  };
}

/** One series for each model and combination of the other fields' values. */
function seriesOf(
  lines: readonly Line[],
  { x, fields }: { readonly x: string; readonly fields: readonly string[] },
): readonly Series[] {
  const names = valuesOf(x, lines);
  const titleOf = ({ of, values }: Line) =>
    [
      modelTitle(of),
      ...fields.filter((field) => field !== x && field in values)
        .map((field) => `${field.split(".").at(-1)} ${inWords(values[field])}`),
    ].join(", ");
  const drawn = lines.filter(({ values }) => x in values);
  return [...Map.groupBy(drawn, titleOf)].map(([title, own]) => ({
    title,
    points: own.map((line) => ({ at: names.indexOf(inWords(line.values[x])), measured: measuredOf(line) }))
      .sort((a, b) => a.at - b.at),
  }));
}

function dataOf(lines: readonly Line[], fields: readonly string[]) {
  const rows = lines.map((line): Row => {
    const { model, of, values, trained, linear, cost } = line, [{ meta }] = trained;
    return {
      model,
      of,
      ...Object.fromEntries(fields.map((field) => [field, field in values ? inWords(values[field]) : null])),
      seeds: trained.length,
      accuracy: linear ? rounded(linear.mean) : null,
      sd: linear?.sd === undefined ? null : rounded(linear.sd),
      low: linear?.interval ? rounded(linear.interval[0]) : null,
      high: linear?.interval ? rounded(linear.interval[1]) : null,
      encoder_parameters: meta.encoderParameters,
      parameters_with_head: meta.parametersWithHead,
      multiply_adds: meta.multiplyAdds,
      training_flop: cost ?? null,
    };
  });
  return { columns: Object.keys(rows[0]), rows };
}

function caption(
  lines: readonly Line[],
  { x, fields }: { readonly x: string; readonly fields: readonly string[] },
): string {
  const seeds = Math.max(...lines.map(({ trained }) => trained.length));
  const swept = fields.map((field) => `\`${field}\` (${valuesOf(field, lines).join(", ")})`);
  const left = lines.filter(({ values }) => !(x in values));
  return [
    `*Sweep* over ${listed(swept)}, all else as the profile says.`,
    "Linear and gain are those of [Table 1](#table-1-linear-evaluation);",
    seeds > 1
      ? "bars and brackets are 95% intervals over seeds and test images."
      : "bars and brackets are 95% intervals over the test images alone: they say nothing about other seeds.",
    "Parameters and multiply-adds are of the encoder; *Training* is what it computes in one training, *Time* what each",
    "seed's, both as under [Reproducibility](#reproducibility). Values stand at equal distances.",
    ...left.length === 0
      ? []
      : [`Without \`${x}\`, and in the table alone: ${
        listed([...new Set(left.map(({ of }) => modelTitle(of)))])
      }.`],
    ...seeds < leastSeeds
      ? [
        `**${plural(seeds, "seed")} ${
          seeds === 1 ? "does" : "do"
        } not rank the values:** a claim takes ${leastSeeds}.`,
      ]
      : [],
  ].join(" ");
}
