/**
 * Dependence of a leaf's output on the image: its size and its number of directions.
 *
 * @module
 */
import { EigenvalueDecomposition, Matrix } from "ml-matrix";

export interface Spread {
  /** √(mean squared distance from the mean) ÷ ‖mean‖; 0 for an output that ignores its image. */
  readonly dependence: number;
  /** Effective rank, 1 to D. */
  readonly rank: number;
}

/**
 * Spread of outputs [n, size]. The effective rank is RankMe (Garrido et al. 2023), the exponential of the
 * entropy of the normalised singular values, of the *centred* outputs: an offset common to all images is not
 * a direction in which they differ.
 */
export function spreadOf(outputs: Float32Array, size: number): Spread {
  const n = outputs.length / size;
  const mean = new Float64Array(size);
  for (let i = 0; i < outputs.length; i++) mean[i % size] += outputs[i] / n;
  const covariance = covarianceOf(outputs, mean);
  const norm = Math.sqrt(mean.reduce((sum, value) => sum + value * value, 0));
  const deviation = Math.sqrt(Math.max(0, covariance.trace()));
  return { dependence: norm === 0 ? 0 : deviation / norm, rank: effectiveRank(covariance) };
}

function covarianceOf(outputs: Float32Array, mean: Float64Array): Matrix {
  const size = mean.length;
  const n = outputs.length / size;
  const sums = new Float64Array(size * size);
  const row = new Float64Array(size);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < size; j++) row[j] = outputs[i * size + j] - mean[j];
    for (let j = 0; j < size; j++) {
      for (let k = 0; k <= j; k++) sums[j * size + k] += row[j] * row[k] / n;
    }
  }
  const covariance = new Matrix(size, size);
  for (let j = 0; j < size; j++) {
    for (let k = 0; k < size; k++) {
      covariance.set(j, k, sums[Math.max(j, k) * size + Math.min(j, k)]);
    }
  }
  return covariance;
}

/** exp(−Σ p log p), p the singular values of the centred outputs over their sum; 1 if they are all zero. */
function effectiveRank(covariance: Matrix): number {
  const { realEigenvalues } = new EigenvalueDecomposition(covariance, { assumeSymmetric: true });
  const singular = realEigenvalues.map((value) => Math.sqrt(Math.max(0, value)));
  const total = singular.reduce((sum, value) => sum + value, 0);
  if (total === 0) return 1;
  return Math.exp(singular.reduce((sum, value) => {
    const p = value / total;
    return p > 0 ? sum - p * Math.log(p) : sum;
  }, 0));
}
