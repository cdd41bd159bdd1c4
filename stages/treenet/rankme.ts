/**
 * RankMe (Garrido et al., 2023): in how many directions embeddings spread, as a smooth rank.
 *
 *     p_k = σ_k / Σ_j σ_j + ε,    RankMe = exp(−Σ_k p_k ln p_k)        σ: singular values of the rows, ε = 10⁻⁷
 *
 * It lies between 1 and the smaller of rows and features, so it compares moments of one run, or embeddings of one width,
 * by the same number of rows.
 *
 * @module
 */
import { EigenvalueDecomposition, Matrix } from "ml-matrix";

const EPSILON = 1e-7;

/** Of rows [n, size], row-major, not centred. 1 where all are zero, NaN where one is not finite. */
export function rankMe(rows: Float32Array, size: number): number {
  if (!rows.every(Number.isFinite)) return NaN;
  const singular = singularValues(rows, size);
  const total = singular.reduce((sum, value) => sum + value, 0);
  if (total === 0) return 1;
  const entropy = singular.reduce((sum, value) => {
    const p = value / total + EPSILON;
    return sum - p * Math.log(p);
  }, 0);
  return Math.exp(entropy);
}

/** Roots of the eigenvalues of X Xᵀ or XᵀX, whichever is the smaller. */
function singularValues(rows: Float32Array, size: number): readonly number[] {
  const count = rows.length / size;
  const gram = count < size
    ? productOf(count, { length: size, at: (i, k) => rows[i * size + k] })
    : productOf(size, { length: count, at: (i, k) => rows[k * size + i] });
  const { realEigenvalues } = new EigenvalueDecomposition(gram, { assumeSymmetric: true });
  return realEigenvalues.map((value) => Math.sqrt(Math.max(0, value)));
}

/** A Aᵀ of A [order, length]. */
function productOf(
  order: number,
  { length, at }: { readonly length: number; readonly at: (i: number, k: number) => number },
): Matrix {
  const vectors = Array.from(
    { length: order },
    (_, i) => Float64Array.from({ length }, (_, k) => at(i, k)),
  );
  const product = new Matrix(order, order);
  for (let i = 0; i < order; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < length; k++) sum += vectors[i][k] * vectors[j][k];
      product.set(i, j, sum);
      product.set(j, i, sum);
    }
  }
  return product;
}
