/**
 * A ridge classifier in closed form (Hoerl and Kennard 1970) for one leaf's outputs: least squares on centred
 * one-hot targets, W = (XᵀX/n + α·I)⁻¹ XᵀY/n on z-scores. Refits to permuted labels are cheap.
 *
 * @module
 */
import { type Cholesky, factorize, solve } from "../../linalg/cholesky.ts";
import { type Standardization, standardizationOf, standardize } from "../../probe/feature_rows.ts";
import type { Split } from "../../probe/split.ts";

export interface RidgeOptions {
  /** D */
  readonly size: number;
  /** Rows to fit on, `kept`, and to score, `held`. */
  readonly split: Split;
  readonly classes: number;
  /** α, relative to a variance of 1 per feature. */
  readonly alpha: number;
}

export class RidgeProbe {
  readonly #options: RidgeOptions;
  /** z-scores of the kept rows; `#test`: of the held rows. Both use the statistics of the kept rows. */
  readonly #fit: Float64Array;
  readonly #test: Float64Array;
  readonly #factor: Cholesky;
  readonly #by: Standardization;

  /** @param outputs [n, D] of one leaf */
  constructor(outputs: Float32Array, options: RidgeOptions) {
    const { size, split, alpha } = options;
    const kept = rowsOf(outputs, size, split.kept);
    const by = standardizationOf(kept, size);
    this.#options = options;
    this.#by = by;
    this.#fit = standardize(kept, by);
    this.#test = standardize(rowsOf(outputs, size, split.held), by);
    this.#factor = factorize(regularisedGram(this.#fit, size, alpha), size);
  }

  /** Scores [held, classes] after a fit to `labels` [n]. */
  scores(labels: Uint8Array): Float64Array {
    return multiply(this.#test, this.#solve(labels));
  }

  /** Fits to `labels`; returns a function from other outputs [n, D] to their scores [n, classes]. */
  classifier(labels: Uint8Array): (outputs: Float32Array) => Float64Array {
    const solution = this.#solve(labels);
    return (outputs) => multiply(standardize(outputs, this.#by), solution);
  }

  #solve(labels: Uint8Array): Solution {
    const { size, split, classes } = this.#options;
    const targets = Uint8Array.from(split.kept, (row) => labels[row]);
    const shares = new Float64Array(classes);
    for (const label of targets) shares[label] += 1 / targets.length;
    const products = new Float64Array(size * classes);
    targets.forEach((label, row) => {
      for (let j = 0; j < size; j++) {
        products[j * classes + label] += this.#fit[row * size + j] / targets.length;
      }
    });
    return { weights: solve(this.#factor, products), intercepts: shares, size };
  }
}

/** Rows of x [n, size], in the order given. */
export function rowsOf(x: Float32Array, size: number, rows: Int32Array): Float32Array {
  const out = new Float32Array(rows.length * size);
  rows.forEach((row, i) => out.set(x.subarray(row * size, (row + 1) * size), i * size));
  return out;
}

/** XᵀX/n + α·I, lower triangle. */
function regularisedGram(x: Float64Array, size: number, alpha: number): Float64Array {
  const n = x.length / size;
  const gram = new Float64Array(size * size);
  for (let i = 0; i < n; i++) {
    const row = x.subarray(i * size, (i + 1) * size);
    for (let j = 0; j < size; j++) {
      for (let k = 0; k <= j; k++) gram[j * size + k] += row[j] * row[k] / n;
    }
  }
  for (let j = 0; j < size; j++) gram[j * size + j] += alpha;
  return gram;
}

/** Coefficients of one fit. */
interface Solution {
  /** [D, classes] */
  readonly weights: Float64Array;
  readonly intercepts: Float64Array;
  readonly size: number;
}

function multiply(x: Float64Array, o: Solution): Float64Array {
  const classes = o.intercepts.length;
  const out = new Float64Array(x.length / o.size * classes);
  for (let i = 0; i < out.length / classes; i++) {
    const row = out.subarray(i * classes, (i + 1) * classes);
    row.set(o.intercepts);
    for (let j = 0; j < o.size; j++) {
      const value = x[i * o.size + j];
      for (let c = 0; c < classes; c++) row[c] += value * o.weights[j * classes + c];
    }
  }
  return out;
}
