/**
 * Principal component scores by subspace iteration with Rayleigh–Ritz projection (Halko, Martinsson and Tropp
 * 2011). No covariance is formed: a step costs n·d, even if d is larger than n.
 *
 * @module
 */
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { random } from "../random.ts";

export interface PcaOptions {
  /** Columns of `points`. */
  readonly size: number;
  /** Number of components wanted. */
  readonly components: number;
}

/** Number of this random stream, so that no other draw repeats it. */
const STREAM = 0x0_9c_a0;
/** Number of directions beyond those wanted: the more, the faster the convergence. */
const EXTRA = 6;
/** Relative change of the wanted variances at which it stops; directions are accurate to about its root. */
const TOLERANCE = 1e-12;
const MAX_STEPS = 1000;

/**
 * Scores [n, components] of `points` [n, size] on their first principal components, largest variance first.
 * The score of largest absolute value of each component is positive.
 */
export function principalScores(points: Float32Array, { size, components }: PcaOptions): Float64Array {
  const x = centred(points, size);
  const width = Math.min(size, components + EXTRA);
  let directions = orthonormal(startingDirections(size, width), width);
  let variances: readonly number[] = [];
  for (let step = 0; step < MAX_STEPS; step++) {
    const scores = product(x, directions, { size, width });
    const { values, vectors } = ritz(scores, width);
    const settled = variances.length > 0 &&
      values.slice(0, components).every((value, i) => Math.abs(value - variances[i]) <= TOLERANCE * value);
    if (settled) return columns(rotated(scores, vectors, width), { width, count: components });
    variances = values;
    directions = orthonormal(transposedProduct(x, rotated(scores, vectors, width), { size, width }), width);
  }
  return columns(product(x, directions, { size, width }), { width, count: components });
}

function centred(points: Float32Array, size: number): Float64Array {
  const n = points.length / size;
  const mean = new Float64Array(size);
  for (let i = 0; i < points.length; i++) mean[i % size] += points[i] / n;
  return Float64Array.from(points, (value, i) => value - mean[i % size]);
}

function startingDirections(size: number, width: number): Float64Array {
  const stream = random(0, STREAM);
  return Float64Array.from({ length: size * width }, () => stream.normal());
}

interface Shape {
  readonly size: number;
  readonly width: number;
}

/** x [n, size] · v [size, width] → [n, width]. */
function product(x: Float64Array, v: Float64Array, { size, width }: Shape): Float64Array {
  const out = new Float64Array(x.length / size * width);
  for (let i = 0; i < x.length / size; i++) {
    for (let k = 0; k < size; k++) {
      const value = x[i * size + k];
      for (let c = 0; c < width; c++) out[i * width + c] += value * v[k * width + c];
    }
  }
  return out;
}

/** xᵀ · y [n, width] → [size, width]. */
function transposedProduct(x: Float64Array, y: Float64Array, { size, width }: Shape): Float64Array {
  const out = new Float64Array(size * width);
  for (let i = 0; i < x.length / size; i++) {
    for (let k = 0; k < size; k++) {
      const value = x[i * size + k];
      for (let c = 0; c < width; c++) out[k * width + c] += value * y[i * width + c];
    }
  }
  return out;
}

/** Eigenvalues of yᵀy, largest first, and their vectors, column by column. */
function ritz(y: Float64Array, width: number) {
  const gram = new Matrix(width, width);
  for (let a = 0; a < width; a++) {
    for (let b = 0; b < width; b++) {
      let sum = 0;
      for (let at = 0; at < y.length; at += width) sum += y[at + a] * y[at + b];
      gram.set(a, b, sum);
    }
  }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(gram, { assumeSymmetric: true });
  const order = [...realEigenvalues.keys()].sort((a, b) => realEigenvalues[b] - realEigenvalues[a]);
  return {
    values: order.map((i) => realEigenvalues[i]),
    vectors: order.map((i) => eigenvectorMatrix.getColumn(i)),
  };
}

function rotated(
  y: Float64Array,
  vectors: readonly (readonly number[])[],
  width: number,
): Float64Array {
  const out = new Float64Array(y.length);
  for (let at = 0; at < y.length; at += width) {
    for (let c = 0; c < width; c++) {
      for (let k = 0; k < width; k++) out[at + c] += y[at + k] * vectors[c][k];
    }
  }
  return out;
}

/** Gram–Schmidt, twice for accuracy, in place; a column that depends on earlier ones becomes zero. */
function orthonormal(v: Float64Array, width: number): Float64Array {
  const dot = (a: number, b: number) => {
    let sum = 0;
    for (let at = 0; at < v.length; at += width) sum += v[at + a] * v[at + b];
    return sum;
  };
  for (let c = 0; c < width; c++) {
    const before = Math.sqrt(dot(c, c));
    for (let pass = 0; pass < 2; pass++) {
      for (let other = 0; other < c; other++) {
        const share = dot(c, other);
        for (let at = 0; at < v.length; at += width) v[at + c] -= share * v[at + other];
      }
    }
    const norm = Math.sqrt(dot(c, c));
    const scale = norm > 1e-12 * before ? 1 / norm : 0;
    for (let at = 0; at < v.length; at += width) v[at + c] *= scale;
  }
  return v;
}

/** The first `count` columns, each with the sign that makes its largest entry positive. */
function columns(
  y: Float64Array,
  { width, count }: { readonly width: number; readonly count: number },
): Float64Array {
  const n = y.length / width;
  const out = new Float64Array(n * count);
  for (let c = 0; c < count; c++) {
    let largest = 0;
    for (let i = 0; i < n; i++) {
      if (Math.abs(y[i * width + c]) > Math.abs(largest)) largest = y[i * width + c];
    }
    for (let i = 0; i < n; i++) out[i * count + c] = largest < 0 ? -y[i * width + c] : y[i * width + c];
  }
  return out;
}
