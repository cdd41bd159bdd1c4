/**
 * Feature matrices of the probes: float64, row-major, one row for each image.
 *
 * @module
 */

/** n labelled feature vectors. */
export interface LabelledFeatures {
  /** [n, d] */
  readonly x: Float32Array | Float64Array;
  /** [n], 0 … classes − 1. */
  readonly labels: Uint8Array;
  /** d */
  readonly size: number;
}

/** Column means and standard deviations. */
export interface Standardization {
  /** [d] */
  readonly mean: Float64Array;
  /** [d]; 1 where a column is constant, so that it maps to zero. */
  readonly deviation: Float64Array;
}

/** Share of a column's mean below which its deviation is float32 rounding and not a feature. */
const CONSTANT = 1e-7;

/** Mean and population standard deviation of every column of x [n, d]. */
export function standardizationOf(x: Float32Array | Float64Array, size: number): Standardization {
  const rows = x.length / size;
  const [mean, deviation] = [new Float64Array(size), new Float64Array(size)];
  for (let i = 0; i < x.length; i++) mean[i % size] += x[i] / rows;
  for (let i = 0; i < x.length; i++) deviation[i % size] += (x[i] - mean[i % size]) ** 2 / rows;
  for (let j = 0; j < size; j++) {
    const sd = Math.sqrt(deviation[j]);
    deviation[j] = sd > CONSTANT * Math.abs(mean[j]) ? sd : 1;
  }
  return { mean, deviation };
}

/** z-scores: (x − mean) / deviation, [n, d]. */
export function standardize(x: Float32Array | Float64Array, by: Standardization): Float64Array {
  const size = by.mean.length;
  const out = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) out[i] = (x[i] - by.mean[i % size]) / by.deviation[i % size];
  return out;
}

/** Rows of `from` with the given numbers, in the given order. */
export function selectRows(from: LabelledFeatures, rows: ArrayLike<number>): LabelledFeatures {
  const { size } = from;
  const x = from.x instanceof Float32Array
    ? new Float32Array(rows.length * size)
    : new Float64Array(rows.length * size);
  const labels = new Uint8Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    x.set(from.x.subarray(rows[i] * size, (rows[i] + 1) * size), i * size);
    labels[i] = from.labels[rows[i]];
  }
  return { x, labels, size };
}
