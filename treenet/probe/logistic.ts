/**
 * Multinomial logistic regression on frozen features: the linear evaluation.
 *
 * Features are z-scored with the statistics of the rows they are fitted on. The objective over weights W [d,
 * c] and intercepts b [c] is
 *
 *     f(W, b) = −(1/n) Σᵢ log softmax(xᵢW + b)[yᵢ] + (l2/2) ‖W‖²
 *
 * (scikit-learn's, divided by n·C, with C = 1 / (n·l2)). It is convex, so seed, schedule and starting point
 * do not change the result. L-BFGS minimises it over the full batch, preconditioned with the Hessian at zero.
 *
 * @module
 */
import { Matrix64 } from "../linalg/matrix64.ts";
import { factorize, solve } from "../linalg/cholesky.ts";
import {
  type LabelledFeatures,
  type Standardization,
  standardizationOf,
  standardize,
} from "./feature_rows.ts";
import { type Evaluation, minimize } from "../linalg/lbfgs.ts";

/** A fitted classifier. */
export interface LinearClassifier {
  readonly standardization: Standardization;
  /** Weights for z-scores, [d, c] row-major. */
  readonly weights: Float64Array;
  /** [c] */
  readonly intercepts: Float64Array;
  /** f at the end. */
  readonly objective: number;
  /** ‖∇f‖₂ at the end. */
  readonly gradientNorm: number;
  readonly iterations: number;
}

export interface FitOptions {
  readonly l2: number;
  /** ‖∇f‖₂ at which the fit stops. @default 1e-7 */
  readonly tolerance?: number;
  /** @default 1000 */
  readonly maxIterations?: number;
  /** Fit of the same features to start from. @default zero */
  readonly from?: LinearClassifier;
}

/** Training features prepared once, to be fitted with several penalties. The caller frees it. */
export class LogisticProblem {
  readonly #x: Matrix64;
  readonly #labels: Uint8Array;
  readonly #classes: number;
  readonly #standardization: Standardization;
  /** The correlation matrix XᵀX / n. */
  readonly #gram: Float64Array;

  private constructor(x: Matrix64, z: Float64Array, train: LabelledFeatures, of: Standardization, c: number) {
    [this.#x, this.#labels, this.#classes, this.#standardization] = [x, train.labels, c, of];
    this.#gram = gramOf(x, z);
  }

  static async create(train: LabelledFeatures, classes: number): Promise<LogisticProblem> {
    const standardization = standardizationOf(train.x, train.size);
    const z = standardize(train.x, standardization);
    const x = await Matrix64.create(z, train.labels.length, train.size);
    return new LogisticProblem(x, z, train, standardization, classes);
  }

  /** Minimises the objective for one penalty. */
  fit(options: FitOptions): LinearClassifier {
    const { l2, from } = options;
    const split = this.#x.columns * this.#classes;
    const start = new Float64Array(split + this.#classes);
    if (from !== undefined) {
      start.set(from.weights);
      start.set(from.intercepts, split);
    }
    const minimum = minimize((theta) => this.evaluate(theta, l2), {
      start,
      precondition: this.#preconditioner(l2),
      tolerance: options.tolerance,
      maxIterations: options.maxIterations,
    });
    return {
      standardization: this.#standardization,
      weights: minimum.x.slice(0, split),
      intercepts: minimum.x.slice(split),
      objective: minimum.value,
      gradientNorm: minimum.gradientNorm,
      iterations: minimum.iterations,
    };
  }

  /** f and ∇f at θ = [W (row-major), b]. */
  evaluate(theta: Float64Array, l2: number): Evaluation {
    const [n, d, c] = [this.#x.rows, this.#x.columns, this.#classes];
    const [weights, intercepts] = [theta.subarray(0, d * c), theta.subarray(d * c)];
    const residuals = this.#x.times(weights, c);
    const loss = softmaxResiduals(residuals, { labels: this.#labels, intercepts });
    const gradient = new Float64Array(theta.length);
    gradient.set(this.#x.transposedTimes(residuals, c));
    for (let i = 0; i < residuals.length; i++) gradient[d * c + i % c] += residuals[i];
    let penalty = 0;
    for (let i = 0; i < d * c; i++) penalty += weights[i] * weights[i];
    for (let i = 0; i < gradient.length; i++) gradient[i] /= n;
    for (let i = 0; i < d * c; i++) gradient[i] += l2 * weights[i];
    return { value: loss / n + (l2 / 2) * penalty, gradient };
  }

  /**
   * The inverse Hessian at θ = 0, up to terms across classes. Every probability there is 1/c, which leaves
   * XᵀX/(n·c) + l2·I for each column of W, and 1/c for the intercepts (z-scores have mean zero).
   */
  #preconditioner(l2: number): (v: Float64Array) => Float64Array {
    const [d, c] = [this.#x.columns, this.#classes];
    const hessian = this.#gram.map((value) => value / c);
    // Constant columns have no curvature of their own; a small amount keeps the matrix positive definite.
    for (let j = 0; j < d; j++) hessian[j * d + j] += l2 + 1e-10;
    const cholesky = factorize(hessian, d);
    return (v) => {
      const out = new Float64Array(v.length);
      out.set(solve(cholesky, v.subarray(0, d * c)));
      for (let j = d * c; j < v.length; j++) out[j] = c * v[j];
      return out;
    };
  }

  free(): void {
    this.#x.free();
  }
}

/** Scores before the softmax, [n, c]. */
export function scores(classifier: LinearClassifier, features: LabelledFeatures): Float64Array {
  const { weights, intercepts, standardization } = classifier;
  const [d, c] = [features.size, intercepts.length];
  const z = standardize(features.x, standardization);
  const out = new Float64Array(features.labels.length * c);
  for (let i = 0; i < features.labels.length; i++) {
    const row = out.subarray(i * c, (i + 1) * c);
    row.set(intercepts);
    for (let k = 0; k < d; k++) {
      for (let j = 0; j < c; j++) row[j] += z[i * d + k] * weights[k * c + j];
    }
  }
  return out;
}

/** The most probable class of each image, [n]; the lowest number among equals. */
export function predict(classifier: LinearClassifier, features: LabelledFeatures): Uint8Array {
  const c = classifier.intercepts.length;
  const all = scores(classifier, features);
  return Uint8Array.from(features.labels, (_, i) => argmax(all.subarray(i * c, (i + 1) * c)));
}

/** Index of the largest element, the first among equals. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

/** Turns logits [n, c] without intercepts into softmax − one-hot, in place; returns the summed loss. */
function softmaxResiduals(
  logits: Float64Array,
  { labels, intercepts }: { readonly labels: Uint8Array; readonly intercepts: Float64Array },
): number {
  const c = intercepts.length;
  let loss = 0;
  for (let i = 0; i < labels.length; i++) {
    const [begin, end] = [i * c, (i + 1) * c];
    let top = -Infinity;
    for (let j = begin; j < end; j++) top = Math.max(top, logits[j] += intercepts[j - begin]);
    const own = logits[begin + labels[i]] - top;
    let sum = 0;
    for (let j = begin; j < end; j++) sum += logits[j] = Math.exp(logits[j] - top);
    for (let j = begin; j < end; j++) logits[j] /= sum;
    logits[begin + labels[i]] -= 1;
    loss += Math.log(sum) - own;
  }
  return loss;
}

/** XᵀX / n by blocks of columns: a second copy of X would be too large for a run of the paper's size. */
function gramOf(x: Matrix64, z: Float64Array): Float64Array {
  const [n, d, block] = [x.rows, x.columns, Math.min(64, x.columns)];
  const gram = new Float64Array(d * d);
  for (let first = 0; first < d; first += block) {
    const width = Math.min(block, d - first);
    const part = new Float64Array(n * width);
    for (let i = 0; i < n; i++) part.set(z.subarray(i * d + first, i * d + first + width), i * width);
    const product = x.transposedTimes(part, width);
    for (let i = 0; i < product.length; i++) {
      gram[Math.floor(i / width) * d + first + i % width] = product[i] / n;
    }
  }
  return gram;
}
