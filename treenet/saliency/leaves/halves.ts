/**
 * Two halves of the test images: one to choose, the other to measure. A leaf that was chosen for a large
 * number has that number too large; measured on other images it is unbiased.
 *
 * @module
 */
import { stratifiedSplit } from "../../probe/split.ts";

/** Row numbers, ascending; the two halves hold every row once. */
export interface Halves {
  /** Rows that decide the categories and the leaves shown. */
  readonly selection: Int32Array;
  /** Rows on which the reported numbers are measured. */
  readonly measurement: Int32Array;
}

/** Splits each class equally, to within one image. */
export function halvesOf(labels: Uint8Array, seed: number): Halves {
  const { kept, held } = stratifiedSplit(labels, { share: 0.5, seed });
  return { selection: kept, measurement: held };
}

/** Entries of `values` at `rows`. */
export function at(values: Uint8Array, rows: Int32Array): Uint8Array {
  return Uint8Array.from(rows, (row) => values[row]);
}
