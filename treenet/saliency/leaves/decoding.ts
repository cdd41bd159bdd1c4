/**
 * The class information in single leaves: a ridge probe on each leaf's outputs alone, of the trained leaf and of the same leaf
 * before training. Probes are fitted on training images; both are scored on the same test images.
 *
 * @module
 */
import { argmax } from "../../probe/logistic.ts";
import {
  type AreaGains,
  areaGains,
  areasOf,
  type Placements,
  placementsOf,
} from "../../statistics/delong.ts";
import { type McNemar, mcnemar } from "../../statistics/mcnemar.ts";
import { at, type Halves } from "./halves.ts";
import { type Classifier, ridgeClassifier, type RidgeOptions } from "./ridge.ts";

/** Outputs of m leaves on n images, [n, m, size]. */
export interface LeafOutputs {
  readonly x: Float32Array;
  readonly leaves: number;
  readonly size: number;
}

/** Results of one leaf's probe on one half of the test images. */
export interface Decoding {
  readonly accuracy: number;
  /** AUROC of each class against the rest. */
  readonly aurocs: Float64Array;
  /** Classes that the probe names, in the order of the half's rows. */
  readonly predictions: Uint8Array;
}

/** One leaf after training and before, on one half of the test images. */
export interface LeafDecoding {
  readonly after: Decoding;
  readonly before: Decoding;
  /** Images on which exactly one of the two is right, and the test that it is more often the leaf after training. */
  readonly learned: McNemar;
  /** AUROCs after minus before. */
  readonly gains: AreaGains;
}

/** Results of one leaf on each half of the test images. */
export type HalvedDecoding = Readonly<Record<keyof Halves, LeafDecoding>>;

export interface DecodingOptions {
  /** Labels of the test images. */
  readonly labels: Uint8Array;
  readonly halves: Halves;
  readonly classes: number;
}

/** Probes of every leaf, fitted to outputs on training images; `labels` are those of the images. */
export async function leafProbes(
  outputs: LeafOutputs,
  options: Omit<RidgeOptions, "size">,
): Promise<readonly Classifier[]> {
  const { size } = outputs;
  const probes: Classifier[] = [];
  for (const leaf of leafNumbers(outputs)) {
    probes.push(await ridgeClassifier(outputsOf(outputs, leaf), { ...options, size }));
  }
  return probes;
}

/** Outputs of all leaves on the test images, and a probe of each leaf. */
export interface ProbedLeaves {
  readonly outputs: LeafOutputs;
  readonly probes: readonly Classifier[];
}

/** Scores each leaf after training and before. */
export function decode(
  after: ProbedLeaves,
  before: ProbedLeaves,
  options: DecodingOptions,
): readonly HalvedDecoding[] {
  return leafNumbers(after.outputs).map((leaf) => {
    const scores = [after, before].map(({ outputs, probes }) => probes[leaf](outputsOf(outputs, leaf)));
    const on = (half: keyof Halves) => compared(scores, { ...options, rows: options.halves[half] });
    return { selection: on("selection"), measurement: on("measurement") };
  });
}

/** Compares scores [n, classes] after training and before, on some of the images. */
function compared(
  scores: readonly Float64Array[],
  { labels: all, classes, rows }: DecodingOptions & { readonly rows: Int32Array },
): LeafDecoding {
  const labels = at(all, rows);
  const [after, before] = scores.map((values) =>
    scored(scoresAt(values, classes, rows), { labels, classes })
  );
  const right = ({ predictions }: Decoding) => labels.map((label, i) => predictions[i] === label ? 1 : 0);
  return {
    after,
    before,
    learned: mcnemar(right(after), right(before)),
    gains: areaGains(after.placements, before.placements, labels),
  };
}

function scored(
  scores: Float64Array,
  by: { readonly labels: Uint8Array; readonly classes: number },
): Decoding & { readonly placements: Placements } {
  const { labels, classes } = by;
  const predictions = labels.map((_, i) => argmax(scores.subarray(i * classes, (i + 1) * classes)));
  const right = labels.reduce((count, label, i) => count + (predictions[i] === label ? 1 : 0), 0);
  const placements = placementsOf(scores, by);
  return { accuracy: right / labels.length, aurocs: areasOf(placements, labels), predictions, placements };
}

function scoresAt(scores: Float64Array, classes: number, rows: Int32Array): Float64Array {
  const out = new Float64Array(rows.length * classes);
  rows.forEach((row, i) => out.set(scores.subarray(row * classes, (row + 1) * classes), i * classes));
  return out;
}

/** Outputs of one leaf, [n, size]; only the images `rows`, if given. */
export function outputsOf(
  { x, leaves, size }: LeafOutputs,
  leaf: number,
  rows?: Int32Array,
): Float32Array {
  const n = rows?.length ?? x.length / (leaves * size);
  const out = new Float32Array(n * size);
  for (let i = 0; i < n; i++) {
    const from = ((rows?.[i] ?? i) * leaves + leaf) * size;
    out.set(x.subarray(from, from + size), i * size);
  }
  return out;
}

export function leafNumbers({ leaves }: { readonly leaves: number }): readonly number[] {
  return Array.from({ length: leaves }, (_, leaf) => leaf);
}
