/**
 * leaves.csv: a row for each leaf, with all measures after training and before; those behind its category have their own
 * columns.
 *
 * @module
 */
import { classes } from "../figures/palette.ts";
import type { LeafChange, LeafFindings, LeafReport } from "./leaves/categories.ts";
import type { Agreement } from "./map_comparison.ts";
import type { Consistency } from "./consistency.ts";
import type { HalvedLesion } from "./leaves/lesion.ts";
import type { Selectivity } from "./leaves/selectivity.ts";
import type { ConsistencyChange, HalvedConsistency } from "./map_images.ts";

type Row = Readonly<Record<string, string | number | boolean>>;

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

/** Measures of a leaf that do not enter its category. */
export interface FurtherMeasures {
  readonly selectivity: Readonly<Record<"after" | "before", Selectivity>>;
  readonly lesion: HalvedLesion;
  readonly agreement: Agreement;
  /** ρ of the maps of the embedding with those of the head's outputs. */
  readonly embedding: number;
}

/** Table of the leaves of a tree; `further` has an entry for each leaf. */
export function leafTable(leaves: readonly LeafReport[], further: readonly FurtherMeasures[]): Table {
  return tableOf(leaves.map((report, i): Row => ({
    leaf: report.leaf,
    category: report.category,
    consistent: report.consistent,
    ...testCells(report),
    ...favouredCells(report),
    ...prefixed("selection_", changeCells(report.selection)),
    ...changeCells(report.measurement),
    ...selectivityCells(further[i].selectivity.after),
    ...suffixed(selectivityCells(further[i].selectivity.before), "_before"),
    ...lesionCells(further[i].lesion),
    ...agreementCells(further[i].agreement),
    embedding_spearman: further[i].embedding,
  })));
}

/** Table of the only path of a net that is not a tree; without other leaves it has no category. */
export function pathTable(
  consistencies: readonly HalvedConsistency[],
  { agreements, embedding }: {
    readonly agreements: readonly Agreement[];
    readonly embedding: readonly number[];
  },
): Table {
  return tableOf(consistencies.map(({ selection, measurement }, leaf): Row => ({
    leaf,
    ...prefixed("selection_", consistencyCells(selection)),
    ...consistencyCells(measurement),
    ...agreementCells(agreements[leaf]),
    embedding_spearman: embedding[leaf],
  })));
}

/** The columns are those of the first row: every leaf has the same. */
function tableOf(rows: readonly Row[]): Table {
  return { columns: Object.keys(rows[0]), rows };
}

/** The class of a leaf's largest gain on the selection half; undefined where no class gained. */
export function bestClass({ selection: { gains } }: LeafReport): number | undefined {
  const best = gains.indexOf(Math.max(...gains));
  return gains[best] > 0 ? best : undefined;
}

/** p-values, alone and corrected, by the name of their test. */
function testCells({ tests }: LeafReport): Row {
  const cells = Object.entries(tests).map(([name, { p, adjusted }]) => [
    [`p_${name}`, p],
    [`p_${name}_holm`, adjusted],
  ]);
  return Object.fromEntries(cells.flat());
}

function favouredCells({ favoured }: LeafReport): Row {
  return {
    favoured: favoured.classes.map((label) => classes[label].name).join("+"),
    favoured_statistic: favoured.statistic,
  };
}

function changeCells(change: LeafChange): Row {
  const { after, before, learned, gains, gainErrors, contrast, concentration, untrainedCorrelation } = change;
  return {
    ...findingCells(after),
    ...suffixed(findingCells(before), "_before"),
    only_after_right: learned.better,
    discordant: learned.discordant,
    favoured_gain: contrast.own,
    others_gain: contrast.others,
    concentration,
    untrained_spearman: untrainedCorrelation,
    ...classCells("gain", gains),
    ...classCells("gain_error", gainErrors),
  };
}

function findingCells({ accuracy, aurocs, spread, consistency }: LeafFindings): Row {
  return {
    probe_accuracy: accuracy,
    input_dependence: spread.dependence,
    effective_rank: spread.rank,
    ...mapCells(consistency),
    ...classCells("auroc", aurocs),
  };
}

function consistencyCells({ after, before, untrainedCorrelation }: ConsistencyChange): Row {
  return {
    ...mapCells(after),
    ...suffixed(mapCells(before), "_before"),
    untrained_spearman: untrainedCorrelation,
  };
}

function mapCells(of: Consistency): Row {
  return {
    flip_spearman: of.flipCorrelation,
    flip_iou: of.flipOverlap,
    jitter_spearman: of.jitterCorrelation,
    jitter_iou: of.jitterOverlap,
    within_class_spearman: of.withinClass,
    between_class_spearman: of.betweenClass,
  };
}

function selectivityCells({ mean, highest, dead }: Selectivity): Row {
  return { selectivity: mean, selectivity_highest: highest, dead_channels: dead };
}

function lesionCells({ selection, measurement }: HalvedLesion): Row {
  return {
    selection_lesion_accuracy: selection.accuracy,
    lesion_accuracy: measurement.accuracy,
    lesion_accuracy_error: measurement.standardError,
    ...classCells("lesion", measurement.recalls),
  };
}

function agreementCells({ smoothGrad, integrated, completenessError }: Agreement): Row {
  return {
    gradient_smoothgrad_spearman: smoothGrad,
    gradient_integrated_spearman: integrated,
    completeness_error: completenessError,
  };
}

function classCells(prefix: string, values: Float64Array): Row {
  return Object.fromEntries(classes.map(({ name }, label) => [`${prefix}_${name}`, values[label]]));
}

function prefixed(prefix: string, row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [prefix + name, value]));
}

function suffixed(row: Row, suffix: string): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name + suffix, value]));
}
