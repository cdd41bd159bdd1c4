/**
 * A ridge classifier in closed form (Hoerl and Kennard 1970): least squares on centred one-hot targets, W = (XᵀX/n +
 * α·I)⁻¹ XᵀY/n on z-scores.
 *
 * @module
 */
import { factorize, solve } from "../../linalg/cholesky.ts";
import { gram } from "../../linalg/gram.ts";
import { standardizationOf, standardize } from "../../probe/feature_rows.ts";

export interface RidgeOptions {
  /** [n], of the rows to fit on. */
  readonly labels: Uint8Array;
  /** D */
  readonly size: number;
  readonly classes: number;
  /** α, relative to a variance of 1 per feature. */
  readonly alpha: number;
}

/** Function from outputs [n, D] to scores [n, classes]. */
export type Classifier = (outputs: Float32Array) => Float64Array;

/** Fits to outputs [n, D]; other outputs are z-scored with the statistics of these. */
export async function ridgeClassifier(outputs: Float32Array, options: RidgeOptions): Promise<Classifier> {
  const { labels, size, classes, alpha } = options;
  const by = standardizationOf(outputs, size);
  const x = standardize(outputs, by);
  const shares = new Float64Array(classes);
  const products = new Float64Array(size * classes);
  labels.forEach((label, row) => {
    shares[label] += 1 / labels.length;
    for (let j = 0; j < size; j++) products[j * classes + label] += x[row * size + j] / labels.length;
  });
  const regularised = (await gram(x, size)).map((sum, i) =>
    sum / labels.length + (i % (size + 1) === 0 ? alpha : 0)
  );
  const weights = solve(factorize(regularised, size), products);
  return (outputs) => affine(standardize(outputs, by), { weights, intercepts: shares });
}

/** Rows of x [n, size], in the order given. */
export function rowsOf(x: Float32Array, size: number, rows: Int32Array): Float32Array {
  const out = new Float32Array(rows.length * size);
  rows.forEach((row, i) => out.set(x.subarray(row * size, (row + 1) * size), i * size));
  return out;
}

/** x · weights + intercepts: [n, D], [D, classes] and [classes] → [n, classes]. */
function affine(
  x: Float64Array,
  o: { readonly weights: Float64Array; readonly intercepts: Float64Array },
): Float64Array {
  const classes = o.intercepts.length;
  const size = o.weights.length / classes;
  const out = new Float64Array(x.length / size * classes);
  for (let i = 0; i < out.length / classes; i++) {
    const row = out.subarray(i * classes, (i + 1) * classes);
    row.set(o.intercepts);
    for (let j = 0; j < size; j++) {
      const value = x[i * size + j];
      for (let c = 0; c < classes; c++) row[c] += value * o.weights[j * classes + c];
    }
  }
  return out;
}
