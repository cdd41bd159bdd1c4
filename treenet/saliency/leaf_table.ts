/**
 * leaves.csv: a row for each leaf, with all measures; those behind its category have their own columns.
 *
 * @module
 */
import { classes } from "../figures/palette.ts";
import type { LeafFindings, LeafReport } from "./leaves/categories.ts";
import type { Agreement } from "./map_comparison.ts";
import type { Consistency } from "./consistency.ts";
import type { Decoding, HalvedDecoding } from "./leaves/decoding.ts";
import type { HalvedLesion } from "./leaves/lesion.ts";
import type { Selectivity } from "./leaves/selectivity.ts";
import type { HalvedConsistency } from "./map_images.ts";

type Row = Readonly<Record<string, string | number | boolean>>;

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

/** Measures of a leaf that do not enter its category. */
export interface FurtherMeasures {
  readonly selectivity: Selectivity;
  readonly lesion: HalvedLesion;
  /** Standard errors of the AUROC gains, by class. */
  readonly gainErrors: Float64Array;
  readonly agreement: Agreement;
}

const byClass = (prefix: string) => classes.map(({ name }) => `${prefix}_${name}`);

const CONSISTENCY_COLUMNS = [
  "flip_spearman",
  "flip_iou",
  "jitter_spearman",
  "jitter_iou",
  "within_class_spearman",
  "between_class_spearman",
  "untrained_spearman",
];

const FINDING_COLUMNS = [
  "probe_accuracy",
  "concentration",
  "input_dependence",
  "effective_rank",
  ...CONSISTENCY_COLUMNS,
];

const SELECTIVITY_COLUMNS = ["selectivity", "selectivity_highest", "dead_channels"];

const COLUMNS = [
  "leaf",
  "category",
  "consistent",
  ...["learned", "concentrated", "agreeing"].flatMap((test) => [`p_${test}`, `p_${test}_holm`]),
  "best_class",
  "best_class_gain",
  "best_class_gain_error",
  ...FINDING_COLUMNS.map((name) => `selection_${name}`),
  ...FINDING_COLUMNS,
  ...byClass("auroc"),
  ...byClass("auroc_gain"),
  ...SELECTIVITY_COLUMNS,
  "selection_lesion_accuracy",
  "lesion_accuracy",
  "lesion_accuracy_error",
  ...byClass("lesion"),
  "gradient_smoothgrad_spearman",
  "gradient_integrated_spearman",
  "completeness_error",
];

/** Table of the leaves of a tree; `further` has an entry for each leaf. */
export function leafTable(leaves: readonly LeafReport[], further: readonly FurtherMeasures[]): Table {
  const rows = leaves.map((report, i): Row => ({
    leaf: report.leaf,
    category: report.category,
    consistent: report.consistent,
    ...testCells(report),
    ...bestClassCells(report, further[i]),
    ...prefixed("selection_", findingCells(report.selection)),
    ...findingCells(report.measurement),
    ...classCells("auroc", report.measurement.aurocs),
    ...classCells("auroc_gain", report.measurement.gains),
    ...selectivityCells(further[i].selectivity),
    ...lesionCells(further[i].lesion),
    ...agreementCells(further[i].agreement),
  }));
  return { columns: COLUMNS, rows };
}

/** Table of the only path of a net that is not a tree; without a null of leaves it has no category. */
export function pathTable(
  consistencies: readonly HalvedConsistency[],
  agreements: readonly Agreement[],
): Table {
  return {
    columns: COLUMNS,
    rows: consistencies.map(({ selection, measurement }, leaf): Row => ({
      leaf,
      ...prefixed("selection_", consistencyCells(selection)),
      ...consistencyCells(measurement),
      ...agreementCells(agreements[leaf]),
    })),
  };
}

/** Table of the untrained leaves, which are the null. */
export function nullTable(leaves: readonly HalvedDecoding[], selective: readonly Selectivity[]): Table {
  const probe = (prefix: string, { accuracy, aurocs }: Decoding): Row => ({
    [`${prefix}probe_accuracy`]: accuracy,
    ...classCells(`${prefix}auroc`, aurocs),
  });
  return {
    columns: [
      "leaf",
      "selection_probe_accuracy",
      ...byClass("selection_auroc"),
      "probe_accuracy",
      ...byClass("auroc"),
      ...SELECTIVITY_COLUMNS,
    ],
    rows: leaves.map(({ selection, measurement }, leaf): Row => ({
      leaf,
      ...probe("selection_", selection),
      ...probe("", measurement),
      ...selectivityCells(selective[leaf]),
    })),
  };
}

/** The class of a leaf's largest gain on the selection half; undefined where no class gained. */
export function bestClass({ selection: { gains } }: LeafReport): number | undefined {
  const best = gains.indexOf(Math.max(...gains));
  return gains[best] > 0 ? best : undefined;
}

function lesionCells({ selection, measurement }: HalvedLesion): Row {
  return {
    selection_lesion_accuracy: selection.accuracy,
    lesion_accuracy: measurement.accuracy,
    lesion_accuracy_error: measurement.standardError,
    ...classCells("lesion", measurement.recalls),
  };
}

function bestClassCells(report: LeafReport, { gainErrors }: FurtherMeasures): Row {
  const best = bestClass(report);
  return best === undefined ? {} : {
    best_class: classes[best].name,
    best_class_gain: report.measurement.gains[best],
    best_class_gain_error: gainErrors[best],
  };
}

function testCells({ tests }: LeafReport): Row {
  const cells = Object.entries(tests).map(([name, { p, adjusted }]) => [
    [`p_${name}`, p],
    [`p_${name}_holm`, adjusted],
  ]);
  return Object.fromEntries(cells.flat());
}

function findingCells({ accuracy, concentration, spread, consistency }: LeafFindings): Row {
  return {
    probe_accuracy: accuracy,
    concentration,
    input_dependence: spread.dependence,
    effective_rank: spread.rank,
    ...consistencyCells(consistency),
  };
}

function consistencyCells(of: Consistency): Row {
  return {
    flip_spearman: of.flipCorrelation,
    flip_iou: of.flipOverlap,
    jitter_spearman: of.jitterCorrelation,
    jitter_iou: of.jitterOverlap,
    within_class_spearman: of.withinClass,
    between_class_spearman: of.betweenClass,
    untrained_spearman: of.untrainedCorrelation,
  };
}

function selectivityCells({ mean, highest, dead }: Selectivity): Row {
  return { selectivity: mean, selectivity_highest: highest, dead_channels: dead };
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
