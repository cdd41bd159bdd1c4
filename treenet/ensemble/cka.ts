/**
 * Similarity of the outputs of leaves on the same images: linear centred kernel alignment (Kornblith et al. 2019),
 * debiased (Nguyen, Raghu and Kornblith 2021) with the unbiased estimator of HSIC (Song et al. 2012). The plain
 * estimator is above 0 for unrelated outputs, and the more so the wider they are.
 *
 * For centred outputs X and Y, with a_i = ‖x_i‖² and b_i = ‖y_i‖², Song's estimator needs no n × n matrix:
 *
 *     HSIC(X, Y) = [‖XᵀY‖² + Σa Σb / ((n − 1)(n − 2)) − n / (n − 2) · Σ aᵢbᵢ] / (n (n − 3))
 *     CKA = HSIC(X, Y) / √(HSIC(X, X) · HSIC(Y, Y))
 *
 * @module
 */
import { centred, columnMeans, gram } from "../linalg/gram.ts";
import type { LeafOutputs } from "../saliency/leaves/decoding.ts";

/**
 * Debiased CKA [m, m] of every two leaves: at most 1, about 0 for unrelated ones, sometimes a little below; NaN
 * for a leaf whose outputs do not vary.
 */
export async function leafSimilarities({ x, leaves, size }: LeafOutputs): Promise<Float64Array> {
  const width = leaves * size, n = x.length / width;
  if (n < 4) throw new RangeError(`Cannot compare leaves on ${n} images, expected at least 4`);
  const moved = Float64Array.from(x, (value, at) => value - x[at % width]); // zero where an output does not vary
  const values = centred(moved, columnMeans(moved, width));
  const products = await gram(values, width);
  const norms = squaredNorms(values, size);
  const hsic = new Float64Array(leaves * leaves);
  for (let a = 0; a < leaves; a++) {
    for (let b = 0; b <= a; b++) {
      const found = independence(norms, { a, b, leaves, shared: crossNorm(products, { a, b, size, width }) });
      hsic[a * leaves + b] = hsic[b * leaves + a] = found;
    }
  }
  return hsic.map((value, at) => {
    const [a, b] = [Math.floor(at / leaves), at % leaves].map((leaf) => hsic[leaf * leaves + leaf]);
    return a > 0 && b > 0 ? value / Math.sqrt(a * b) : NaN;
  });
}

/** Mean over all pairs of different leaves; pairs without a value do not count. */
export function meanOverPairs(matrix: Float64Array, leaves: number): number {
  const pairs = matrix.filter((value, at) => at % leaves < Math.floor(at / leaves) && !Number.isNaN(value));
  return pairs.reduce((sum, value) => sum + value, 0) / pairs.length;
}

/** ‖·‖² of each leaf's outputs, [n, m]. */
function squaredNorms(values: Float64Array, size: number): Float64Array {
  const norms = new Float64Array(values.length / size);
  for (let i = 0; i < values.length; i++) norms[Math.floor(i / size)] += values[i] ** 2;
  return norms;
}

/** ‖XᵀY‖² of leaves a and b. */
function crossNorm(
  products: Float64Array,
  { a, b, size, width }: {
    readonly a: number;
    readonly b: number;
    readonly size: number;
    readonly width: number;
  },
): number {
  let sum = 0;
  for (let i = a * size; i < (a + 1) * size; i++) {
    for (let j = b * size; j < (b + 1) * size; j++) sum += products[i * width + j] ** 2;
  }
  return sum;
}

/** HSIC of leaves a and b. */
function independence(
  norms: Float64Array,
  { a, b, leaves, shared }: {
    readonly a: number;
    readonly b: number;
    readonly leaves: number;
    readonly shared: number;
  },
): number {
  const n = norms.length / leaves;
  let [ofA, ofB, both] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [x, y] = [norms[i * leaves + a], norms[i * leaves + b]];
    ofA += x;
    ofB += y;
    both += x * y;
  }
  return (shared + ofA * ofB / ((n - 1) * (n - 2)) - n / (n - 2) * both) / (n * (n - 3));
}
