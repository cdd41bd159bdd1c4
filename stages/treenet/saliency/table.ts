/**
 * leaves.csv: one row a leaf, with every measure that its category rests on.
 *
 * @module
 */
import { classes } from "../figures/palette.ts";
import type { LeafReport } from "./categories.ts";
import type { Consistency } from "./consistency.ts";
import type { Decoding } from "./decoding.ts";

type Row = Readonly<Record<string, string | number | boolean>>;

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

const PROBE_COLUMNS = ["probe_accuracy", ...classes.map(({ name }) => `auroc_${name}`)];

const COLUMNS = [
  "leaf",
  "category",
  "consistent",
  "concentration",
  "best_class",
  "input_dependence",
  "effective_rank",
  "flip_spearman",
  "flip_iou",
  "jitter_spearman",
  "jitter_iou",
  "within_class_spearman",
  "between_class_spearman",
  "chance_agreement",
  "untrained_spearman",
  ...PROBE_COLUMNS,
];

/** The leaves of a tree. */
export function leafTable(leaves: readonly LeafReport[]): Table {
  const rows = leaves.map((report): Row => ({
    leaf: report.leaf,
    category: report.category,
    consistent: report.consistent,
    concentration: report.concentration,
    best_class: bestClass(report.gains),
    input_dependence: report.spread.dependence,
    effective_rank: report.spread.rank,
    ...consistencyCells(report.consistency),
    ...probeCells(report),
  }));
  return { columns: COLUMNS, rows };
}

/** The one path of a net that is no tree: no category, as there is no null of leaves. */
export function pathTable(consistencies: readonly Consistency[]): Table {
  return {
    columns: COLUMNS,
    rows: consistencies.map((each, leaf): Row => ({ leaf, ...consistencyCells(each) })),
  };
}

/** The untrained leaves, which set the rule's thresholds. */
export function nullTable(leaves: readonly Decoding[]): Table {
  return {
    columns: ["leaf", ...PROBE_COLUMNS],
    rows: leaves.map((each, leaf): Row => ({ leaf, ...probeCells(each) })),
  };
}

/** The class a leaf gains most on; empty where it gains on none. */
export function bestClass(gains: Float64Array): string {
  const best = gains.indexOf(Math.max(...gains));
  return gains[best] > 0 ? classes[best].name : "";
}

function probeCells({ accuracy, aurocs }: Pick<Decoding, "accuracy" | "aurocs">): Row {
  const byClass = classes.map(({ name }, label) => [`auroc_${name}`, aurocs[label]]);
  return { probe_accuracy: accuracy, ...Object.fromEntries(byClass) };
}

function consistencyCells(of: Consistency): Row {
  return {
    flip_spearman: of.flipCorrelation,
    flip_iou: of.flipOverlap,
    jitter_spearman: of.jitterCorrelation,
    jitter_iou: of.jitterOverlap,
    within_class_spearman: of.withinClass,
    between_class_spearman: of.betweenClass,
    chance_agreement: of.chanceAgreement,
    untrained_spearman: of.untrainedCorrelation,
  };
}
