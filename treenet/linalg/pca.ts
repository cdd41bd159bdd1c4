/**
 * Principal components by subspace iteration with a few spare columns and Rayleigh–Ritz projection (Rutishauser 1969;
 * Halko, Martinsson and Tropp, SIAM Review 2011): {@linkcode principalComponents} of many rows by their covariance,
 * {@linkcode principalScores} of few rows, also where they have more columns than there are rows, without one.
 *
 * @module
 */
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { type Random, random } from "../random.ts";
import { centred, columnMeans, columnsOf, gram } from "./gram.ts";
import { Matrix64 } from "./matrix64.ts";

/** The map x ↦ (x − mean) · axes. */
export interface Components {
  /** [d] */
  readonly mean: Float64Array;
  /** [d, k] row-major, orthonormal columns by descending variance; zero beyond the rank of the rows. */
  readonly axes: Float64Array;
  /** Variances along the axes, [k]. */
  readonly variances: Float64Array;
}

interface PcaOptions {
  /** d */
  readonly size: number;
  /** k, at most d. */
  readonly components: number;
  /** Seed of the first columns. */
  readonly seed: number;
  /** Called after each sweep; it may be awaited to yield. */
  readonly progress?: () => void | Promise<void>;
}

/** Columns beyond those wanted: convergence depends on the ratio to the first eigenvalue left out. */
const SPARE = 32;
/** Largest residual of a component, as a share of the largest eigenvalue, at which it is done. */
const TOLERANCE = 1e-7;
const MOST_SWEEPS = 200;
/** Products with the covariance between two sweeps. More would lose the small components in rounding. */
const POWERS = 3;
/** Share of a column's length below which it is rounding. */
const NOTHING = 1e-12;
/** Spare columns, relative change of the wanted variances at the end, and most steps of {@linkcode principalScores}. */
const SCORES = { spare: 6, tolerance: 1e-12, steps: 1000 };
/** Keep these draws apart from others with the same seed. */
const STREAM = { components: 0x9ca, scores: 0x9ca0 };

/** The first principal components of rows [n, d]. */
export async function principalComponents(rows: Float32Array, options: PcaOptions): Promise<Components> {
  const { size, components } = options;
  const mean = columnMeans(rows, size);
  const columns = Math.min(size, components + SPARE);
  const products = await gram(centred(rows, mean), size);
  const count = rows.length / size;
  const covariance = await Matrix64.create(products.map((sum) => sum / count), size, size);
  try {
    let basis = orthonormal(
      startingColumns(size, { columns, stream: random(options.seed, STREAM.components) }),
      columns,
    );
    for (let sweep = 1;; sweep++) {
      const ritz = rotate(basis, covariance.times(basis, columns), columns);
      if (sweep === MOST_SWEEPS || hasConverged(ritz, { columns, components })) {
        const axes = firstColumns(ritz.basis, { columns, count: components });
        return { mean, axes, variances: ritz.values.slice(0, components) };
      }
      let image = ritz.image;
      for (let power = 1; power < POWERS; power++) image = covariance.times(image, columns);
      basis = orthonormal(image, columns);
      await options.progress?.();
    }
  } finally {
    covariance.free();
  }
}

/** Rows [n, d] → float32 [n, k]. */
export async function project(
  rows: Float32Array,
  { mean, axes, variances }: Components,
): Promise<Float32Array> {
  const size = mean.length;
  const x = await Matrix64.create(centred(rows, mean), rows.length / size, size);
  try {
    return Float32Array.from(x.times(axes, variances.length));
  } finally {
    x.free();
  }
}

/**
 * Scores [n, components] of `points` [n, size] on their first principal components, largest variance first; of each
 * component the score of largest absolute value is positive.
 */
export function principalScores(
  points: Float32Array,
  { size, components }: { readonly size: number; readonly components: number },
): Float64Array {
  const columns = Math.min(size, components + SCORES.spare);
  const x = matrixOf(centred(points, columnMeans(points, size)), size), transposed = x.transpose();
  // The inverse rounds otherwise than a division does: published layouts start from these bits.
  const orthonormalOf = (values: Float64Array) =>
    orthonormal(values, columns, (v, length) => v * (1 / length));
  let basis = orthonormalOf(startingColumns(size, { columns, stream: random(0, STREAM.scores) }));
  let variances: readonly number[] = [];
  for (let step = 0; step < SCORES.steps; step++) {
    const scores = x.mmul(matrixOf(basis, columns));
    const { values, turn } = eigenvectors(scores.transpose().mmul(scores));
    const turned = scores.mmul(turn);
    const settled = variances.length > 0 && values.slice(0, components)
      .every((value, i) => Math.abs(value - variances[i]) <= SCORES.tolerance * value);
    if (settled) return upright(turned, components);
    variances = values;
    basis = orthonormalOf(flat(transposed.mmul(turned)));
  }
  return upright(x.mmul(matrixOf(basis, columns)), components);
}

/** The first `count` columns, each turned so that its largest entry is positive. */
function upright(scores: Matrix, count: number): Float64Array {
  const signs = Array.from({ length: count }, (_, c) => {
    const largest = scores.getColumn(c).reduce((most, v) => Math.abs(v) > Math.abs(most) ? v : most, 0);
    return largest < 0 ? -1 : 1;
  });
  return Float64Array.from(
    { length: scores.rows * count },
    (_, at) => signs[at % count] * scores.get(Math.floor(at / count), at % count),
  );
}

function firstColumns(
  values: Float64Array,
  { columns, count }: { readonly columns: number; readonly count: number },
): Float64Array {
  return columnsOf(values, { size: columns, first: 0, width: count });
}

function startingColumns(
  size: number,
  { columns, stream }: { readonly columns: number; readonly stream: Random },
): Float64Array {
  return Float64Array.from({ length: size * columns }, () => stream.normal());
}

/**
 * Gram–Schmidt, twice for each column, because rounding leaves some of the others in it the first time. A
 * column of which only rounding remains becomes zero: the rows have no more directions.
 */
function orthonormal(
  values: Float64Array,
  columns: number,
  unit = (value: number, length: number) => value / length,
): Float64Array {
  const size = values.length / columns;
  const vectors = Array.from(
    { length: columns },
    (_, j) => Float64Array.from({ length: size }, (_, i) => values[i * columns + j]),
  );
  for (const [j, vector] of vectors.entries()) {
    const before = Math.sqrt(inner(vector, vector));
    for (let pass = 0; pass < 2; pass++) {
      for (const other of vectors.slice(0, j)) subtract(vector, other, inner(vector, other));
    }
    const length = Math.sqrt(inner(vector, vector));
    for (let i = 0; i < size; i++) vector[i] = length > NOTHING * before ? unit(vector[i], length) : 0;
  }
  return Float64Array.from(values, (_, at) => vectors[at % columns][Math.floor(at / columns)]);
}

function inner(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function subtract(from: Float64Array, what: Float64Array, times: number): void {
  for (let i = 0; i < from.length; i++) from[i] -= times * what[i];
}

/** The best eigenvectors within a subspace, and their images under the matrix. */
interface Ritz {
  /** [d, columns], by descending value. */
  readonly basis: Float64Array;
  /** C · basis */
  readonly image: Float64Array;
  /** [columns] */
  readonly values: Float64Array;
}

/** Rayleigh–Ritz step: Q and C·Q rotated so that QᵀCQ is diagonal. */
function rotate(basis: Float64Array, image: Float64Array, columns: number): Ritz {
  const [q, cq] = [basis, image].map((values) => matrixOf(values, columns));
  const small = q.transpose().mmul(cq);
  const symmetric = small.add(small.transpose()).mul(0.5);
  const { values, turn } = eigenvectors(symmetric);
  return { basis: flat(q.mmul(turn)), image: flat(cq.mmul(turn)), values: Float64Array.from(values) };
}

/** Eigenvalues of a symmetric matrix, largest first, and their vectors, column by column. */
function eigenvectors(symmetric: Matrix): { readonly values: readonly number[]; readonly turn: Matrix } {
  const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(symmetric, {
    assumeSymmetric: true,
  });
  const order = [...realEigenvalues.keys()].sort((a, b) => realEigenvalues[b] - realEigenvalues[a]);
  return {
    values: order.map((at) => realEigenvalues[at]),
    turn: eigenvectorMatrix.selection([...order.keys()], order),
  };
}

function flat(matrix: Matrix): Float64Array {
  return Float64Array.from(matrix.to1DArray());
}

function matrixOf(values: Float64Array, columns: number): Matrix {
  return Matrix.from1DArray(values.length / columns, columns, values);
}

/** True if ‖C q − λ q‖ of every wanted column is small against the largest λ. */
function hasConverged(
  { basis, image, values }: Ritz,
  { columns, components }: { readonly columns: number; readonly components: number },
): boolean {
  const residuals = new Float64Array(components);
  for (let at = 0; at < basis.length; at++) {
    const j = at % columns;
    if (j < components) residuals[j] += (image[at] - values[j] * basis[at]) ** 2;
  }
  return residuals.every((square) => Math.sqrt(square) <= TOLERANCE * values[0]);
}
