/**
 * Linear discriminant analysis (Fisher 1936; with a shrunk covariance: Friedman 1989) of any part of the columns of one
 * table. All parts share the sums over images, so that a classifier of a subset of leaves costs no pass over them:
 *
 *     p(c | x) ∝ exp(wᵀx + b), w = Σ⁻¹μ_c, b = ln π_c − ½ μ_cᵀΣ⁻¹μ_c, Σ = (1 − s)·S + s·(tr S / p)·I
 *
 * with S the covariance within classes, p the number of columns and π_c the share of class c among the images.
 *
 * @module
 */
import { factorize, solve } from "../linalg/cholesky.ts";
import { centred, columnMeans, gram } from "../linalg/gram.ts";
import type { LabelledFeatures } from "../probe/feature_rows.ts";

/** Sums over images, of all columns. */
export interface Moments {
  /** Number of columns. */
  readonly size: number;
  /** Share of each class, [C]. */
  readonly shares: Float64Array;
  /** Mean of all images, [size]. */
  readonly mean: Float64Array;
  /** Means of the classes less that of all images, [C, size]. */
  readonly means: Float64Array;
  /** S, [size, size]. */
  readonly within: Float64Array;
}

/** A fitted classifier. */
export interface Discriminant {
  /** Columns that it reads. */
  readonly columns: readonly number[];
  /** [p, C] */
  readonly weights: Float64Array;
  /** [C] */
  readonly intercepts: Float64Array;
}

/** @param options.classes C */
export async function momentsOf(
  { x, labels, size }: LabelledFeatures,
  { classes }: { readonly classes: number },
): Promise<Moments> {
  const n = labels.length, mean = columnMeans(x, size), values = centred(x, mean);
  const [shares, means] = [new Float64Array(classes), new Float64Array(classes * size)];
  for (const label of labels) shares[label] += 1 / n;
  for (let i = 0; i < values.length; i++) {
    const label = labels[Math.floor(i / size)];
    means[label * size + i % size] += values[i] / (n * shares[label]);
  }
  const within = (await gram(values, size)).map((sum) => sum / n);
  for (let c = 0; c < classes; c++) {
    const of = means.subarray(c * size, (c + 1) * size);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) within[i * size + j] -= shares[c] * of[i] * of[j];
    }
  }
  return { size, shares, mean, means, within };
}

/** Fits to `columns` alone. */
export function discriminant(
  { size, shares, mean, means, within }: Moments,
  { columns, shrinkage }: { readonly columns: readonly number[]; readonly shrinkage: number },
): Discriminant {
  const p = columns.length, classes = shares.length;
  const trace = columns.reduce((sum, at) => sum + within[at * size + at], 0);
  const covariance = new Float64Array(p * p), right = new Float64Array(p * classes);
  columns.forEach((row, i) => {
    columns.forEach((column, j) => covariance[i * p + j] = (1 - shrinkage) * within[row * size + column]);
    // Columns that are constant in every class tell nothing: any variance will do.
    covariance[i * p + i] += trace > 0 ? shrinkage * trace / p : 1;
    for (let c = 0; c < classes; c++) right[i * classes + c] = means[c * size + row];
  });
  const weights = solve(factorize(covariance, p), right);
  const intercepts = shares.map((share, c) =>
    columns.reduce((sum, column, i) => {
      const middle = mean[column] + means[c * size + column] / 2;
      return sum - weights[i * classes + c] * middle;
    }, Math.log(share))
  );
  return { columns, weights, intercepts };
}

/** Probabilities [n, C] of the classes for rows x [n, size]. */
export function probabilities(
  { columns, weights, intercepts }: Discriminant,
  x: Float32Array,
  size: number,
): Float64Array {
  const n = x.length / size, classes = intercepts.length;
  const out = new Float64Array(n * classes);
  for (let i = 0; i < n; i++) {
    const row = out.subarray(i * classes, (i + 1) * classes);
    row.set(intercepts);
    columns.forEach((column, j) => {
      const value = x[i * size + column];
      for (let c = 0; c < classes; c++) row[c] += value * weights[j * classes + c];
    });
    softmax(row);
  }
  return out;
}

function softmax(row: Float64Array): void {
  const top = row.reduce((a, b) => Math.max(a, b));
  let sum = 0;
  for (let c = 0; c < row.length; c++) sum += row[c] = Math.exp(row[c] - top);
  for (let c = 0; c < row.length; c++) row[c] /= sum;
}
