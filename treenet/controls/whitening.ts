/**
 * ZCA whitening: the rotation-free linear map after which the columns of a sample are uncorrelated with
 * variance 1, apart from a constant that keeps directions of almost no variance small.
 *
 *     x ↦ (x − μ) · V (Λ + ε)^−½ Vᵀ        covariance = V Λ Vᵀ
 *
 * @module
 */
import { EigenvalueDecomposition, Matrix } from "ml-matrix";

/** x ↦ (x − mean) · matrix. */
export interface Whitening {
  /** [d] */
  readonly mean: Float64Array;
  /** [d, d], symmetric. */
  readonly matrix: Float64Array;
}

/** Computes the whitening of rows [n, size]. @param options.epsilon ε */
export function whiteningOf(
  rows: Float32Array,
  { size, epsilon }: { readonly size: number; readonly epsilon: number },
): Whitening {
  const count = rows.length / size;
  const mean = new Float64Array(size);
  for (let i = 0; i < rows.length; i++) mean[i % size] += rows[i] / count;
  const { eigenvectorMatrix: vectors, realEigenvalues: values } = new EigenvalueDecomposition(
    covariance(rows, mean),
    { assumeSymmetric: true },
  );
  const scaled = vectors.clone().mulRowVector(
    values.map((value) => 1 / Math.sqrt(Math.max(0, value) + epsilon)),
  );
  return { mean, matrix: Float64Array.from(scaled.mmul(vectors.transpose()).to1DArray()) };
}

function covariance(rows: Float32Array, mean: Float64Array): Matrix {
  const size = mean.length, count = rows.length / size;
  const sums = new Float64Array(size * size), row = new Float64Array(size);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < size; j++) row[j] = rows[i * size + j] - mean[j];
    for (let j = 0; j < size; j++) {
      const value = row[j];
      for (let k = 0; k <= j; k++) sums[j * size + k] += value * row[k];
    }
  }
  const out = new Matrix(size, size);
  for (let j = 0; j < size; j++) {
    for (let k = 0; k < size; k++) out.set(j, k, sums[Math.max(j, k) * size + Math.min(j, k)] / count);
  }
  return out;
}

/** Applies the map to rows [n, size], float32. */
export function whitened(rows: Float32Array, { mean, matrix }: Whitening): Float32Array {
  const size = mean.length;
  const out = new Float32Array(rows.length);
  const sums = new Float64Array(size);
  for (let at = 0; at < rows.length; at += size) {
    sums.fill(0);
    for (let j = 0; j < size; j++) {
      const value = rows[at + j] - mean[j];
      for (let k = 0; k < size; k++) sums[k] += value * matrix[j * size + k];
    }
    out.set(sums, at);
  }
  return out;
}
