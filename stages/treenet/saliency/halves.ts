/**
 * Two halves of the test images: one decides, the other measures. A leaf chosen because a number was large would have
 * that number too large; measured on images that had no part in the choice, it is not.
 *
 * @module
 */
import { stratifiedSplit } from "../probe/split.ts";

/** Row numbers, ascending; together every row once. */
export interface Halves {
  /** Categories and the leaves shown come from these alone. */
  readonly selection: Int32Array;
  /** What is reported of them comes from these. */
  readonly measurement: Int32Array;
}

/** Equally many images of each class in both, to within one. */
export function halvesOf(labels: Uint8Array, seed: number): Halves {
  const { kept, held } = stratifiedSplit(labels, { share: 0.5, seed });
  return { selection: kept, measurement: held };
}

/** The entries of `values` at `rows`. */
export function at(values: Uint8Array, rows: Int32Array): Uint8Array {
  return Uint8Array.from(rows, (row) => values[row]);
}
