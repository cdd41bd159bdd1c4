/**
 * Table 1: one row for each model, over its seeds, then the controls; as Markdown and as CSV.
 *
 * @module
 */
import type { Artifact } from "../../../pipeline/stage.ts";
import { type Answers, answersOf, controlled } from "../read/answers.ts";
import { gainOf } from "../read/comparisons.ts";
import { type ControlRow, controlRows } from "../read/control_rows.ts";
import { table } from "../../../formats/markdown.ts";
import {
  type Measure,
  ownMeasures,
  randomMeasures,
  shareInterval,
  type Summary,
  summaryCell,
  summaryOf,
} from "../read/table_measures.ts";
import { points, pointsRange, spread, thousands } from "../../../formats/written_numbers.ts";
import { from, modelOf, seedOf } from "../../section.ts";
import { modelTitle, posterRow } from "../read/poster.ts";
import { variantsIn } from "../read/settings.ts";
import { modelsOf, ordered, type ProbeMeta, type TrainedMeta } from "../read/sources.ts";
import type { Run } from "./headline.ts";

/** A model's artifacts, over its seeds. */
export interface ModelRow {
  readonly model: string;
  /** True if the model only serves for comparison. */
  readonly control: boolean;
  /** True if it has another name than its type. */
  readonly variant: boolean;
  readonly trained: readonly Artifact<TrainedMeta>[];
  readonly probes: readonly Artifact<ProbeMeta>[];
}

/** All rows: models, with controls among them last, and the controls that are not models. */
export interface Rows {
  readonly models: readonly ModelRow[];
  readonly controls: readonly ControlRow[];
}

export function rowsOf({ sources, settings }: Pick<Run, "sources" | "settings">): Rows {
  const variants = variantsIn(settings);
  const models = modelsOf([...sources.trained, ...sources.probes]).map((model): ModelRow => {
    const trained = ordered(sources.trained).filter((artifact) => modelOf(artifact) === model);
    return {
      model,
      trained,
      control: trained.some(({ meta }) => meta.control === true),
      variant: variants.has(model),
      probes: ordered(sources.probes).filter((artifact) => modelOf(artifact) === model),
    };
  });
  return {
    models: [...models.filter(({ control }) => !control), ...models.filter(({ control }) => control)],
    controls: controlRows(sources.controls),
  };
}

/** Options of the cells of a table. */
interface Printing {
  /** Models whose rows carry a dagger. */
  readonly marked: readonly string[];
  readonly answers?: Answers;
}

/** The table as printed; accuracies in per cent. */
export function table1(rows: Rows, printing: Printing): string {
  const measures = ownMeasures.filter((measure) => isMeasured(rows, measure));
  const header = ["Type", "Channels", "N leaf", "Paper", ...measures.map(({ title }) => title), gainTitle];
  const { models, controls } = rows;
  const trained = (row: ModelRow) => modelCells(row, { ...printing, measures });
  const group = (title: string) => [`**${title}**`, ...header.slice(1).map(() => "")];
  const [rowsOfTypes, variants] = [false, true].map((variant) =>
    models.filter((row) => !row.control && row.variant === variant)
  );
  const lines = [
    ...rowsOfTypes.map(trained),
    ...variants.length === 0 ? [] : [group("Variants"), ...variants.map(trained)],
    group("Controls"),
    ...rowsOfTypes.filter(({ probes }) => probes.length > 0)
      .map((row) => randomCells(row, { ...printing, measures })),
    ...models.filter(({ control }) => control).map(trained),
    ...controls.map((row) => controlCells(row, { ...printing, measures })),
  ];
  return table(header, lines, { align: `llrr${"r".repeat(measures.length + 1)}` });
}

const gainTitle = "Gain over random init";

function isMeasured({ models }: Rows, measure: Measure): boolean {
  return models.some(({ probes }) => summaryOf(probes, { measure }) !== undefined);
}

interface Cells extends Printing {
  readonly measures: readonly Measure[];
}

function modelCells(row: ModelRow, { marked, answers, measures }: Cells): string[] {
  const { model, probes } = row;
  const poster = posterRow(model);
  return [
    titled(row, marked),
    ...factCells(row),
    poster === undefined ? "–" : poster.accuracy.toFixed(1),
    ...measures.map((measure) => measureCell(probes, { measure, answers })),
    gainCell(row, answers),
  ];
}

/** Title of a row, with a dagger if marked, and a remark if the training collapsed. */
function titled({ model, trained }: ModelRow, marked: readonly string[]): string {
  const sick = trained.map(({ meta }) => meta.health).find((health) => health?.startsWith("collapsed"));
  return [
    modelTitle(model),
    ...marked.includes(model) ? ["†"] : [],
    ...sick === undefined ? [] : [`**(${sick})**`],
  ].join(" ");
}

function factCells({ trained }: ModelRow): string[] {
  const [facts] = trained;
  return facts === undefined
    ? ["–", "–"]
    : [from(facts.task, facts.meta.channels), from(facts.task, String(facts.meta.leaves))];
}

function randomCells(row: ModelRow, { marked, answers, measures }: Cells): string[] {
  const title = `${modelTitle(row.model)}, random init${marked.includes(row.model) ? " †" : ""}`;
  const cells = measures.map(({ title }) => {
    const measure = randomMeasures.find((each) => each.title === title);
    return measure === undefined ? "–" : measureCell(row.probes, { measure, answers });
  });
  return [title, ...factCells(row), "–", ...cells, "–"];
}

function controlCells(row: ControlRow, { answers, measures }: Cells): string[] {
  const [first] = row.artifacts;
  const summary = controlSummary(row, answers);
  const cells = measures.map(({ column }) => column === "linear" ? summaryCell(first.task, summary) : "–");
  return [row.title, "–", "–", "–", ...cells, "–"];
}

/** Summary of a control's accuracy under our probe. */
export function controlSummary({ artifacts, row }: ControlRow, answers: Answers | undefined): Summary {
  const shares = artifacts.map(({ meta }) => meta.controls[row].linear);
  return {
    ...spread(shares.map(({ accuracy }) => accuracy)),
    seeds: shares.length,
    interval: shareInterval(shares, answers && answersOf(answers, controlled(row), artifacts.map(seedOf))),
  };
}

function measureCell(
  probes: readonly Artifact<ProbeMeta>[],
  options: { readonly measure: Measure; readonly answers?: Answers },
): string {
  const summary = summaryOf(probes, options);
  return summary === undefined ? "–" : summaryCell(probes[0].task, summary);
}

/** Cell of the gain in points, with the interval of the paired difference. */
function gainCell({ model, probes }: ModelRow, answers: Answers | undefined): string {
  const gain = answers && gainOf(answers, model);
  if (gain === undefined) return "–";
  const { mean, interval } = gain.difference;
  return `${from(probes[0].task, points(mean))} (${pointsRange(interval)})`;
}

/** Table of every single seed, if there are several. */
export function seedTable({ models, controls }: Rows, answers: Answers | undefined): string {
  const measures = [...ownMeasures, ...randomMeasures].filter((measure) =>
    isMeasured({ models, controls }, measure)
  );
  const title = ({ title, column }: Measure) => column.startsWith("random") ? `${title}, random init` : title;
  const lines = models.flatMap(({ model, probes }) =>
    probes.map((probe) => [
      modelTitle(model),
      String(seedOf(probe)),
      ...measures.map((measure) => measureCell([probe], { measure, answers })),
    ])
  );
  const others = controls.flatMap((row) =>
    row.artifacts.map((artifact) => [
      row.title,
      String(seedOf(artifact)),
      summaryCell(artifact.task, controlSummary({ ...row, artifacts: [artifact] }, answers)),
      ...measures.slice(1).map(() => "–"),
    ])
  );
  return table(["Type", "Seed", ...measures.map(title)], [...lines, ...others], {
    align: `lr${"r".repeat(measures.length)}`,
  });
}

/** Table of the models' sizes and of the images they saw. */
export function sizeTable({ models }: Rows): string {
  const header = ["Type", "Parameters, encoder", "with head", "Multiply-adds", "Embedding", "Images seen"];
  const lines = models.flatMap(({ model, trained }) =>
    trained.slice(0, 1).map(({ task, meta }) => [
      modelTitle(model),
      ...[meta.encoderParameters, meta.parametersWithHead, meta.multiplyAdds, meta.embedding, meta.images]
        .map((count) => from(task, thousands(count))),
    ])
  );
  return table(header, lines, { align: "lrrrrr" });
}
