/**
 * Multinomial logistic regression on frozen features: the linear evaluation.
 *
 * Features are z-scored with the statistics of the rows they are fitted on. The objective over weights W [d,
 * c] and intercepts b [c] is
 *
 *     f(W, b) = −(1/n) Σᵢ log softmax(xᵢW + b)[yᵢ] + (l2/2) ‖W‖²
 *
 * (scikit-learn's, divided by n·C, with C = 1 / (n·l2)). It is convex, so seed, schedule and starting point
 * do not change the result. L-BFGS minimises it over the full batch, preconditioned with the Hessian at zero or
 * with its blocks at another fit.
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
  /** Weights and intercepts to start from, whose sums over classes are zero as those of a fit. @default zero */
  readonly from?: Pick<LinearClassifier, "weights" | "intercepts">;
  /** Curvature of the same features, or of nearly the same, near the minimum. @default at zero */
  readonly curvature?: Curvature;
}

/** Second derivatives of the mean loss with respect to the weights [d, d]: one for all classes, or one a class. */
export type Curvature = readonly Float64Array[];

/** Training features prepared once, to be fitted with several penalties. The caller frees it. */
export class LogisticProblem {
  readonly #x: Matrix64;
  readonly #labels: Uint8Array;
  readonly #classes: number;
  readonly #standardization: Standardization;
  /** XᵀX / (n·c), as every probability is 1/c. */
  readonly #atZero: Curvature;

  private constructor(x: Matrix64, z: Float64Array, train: LabelledFeatures, of: Standardization, c: number) {
    [this.#x, this.#labels, this.#classes, this.#standardization] = [x, train.labels, c, of];
    this.#atZero = [gramOf(x, z).map((value) => value / c)];
  }

  static async create(train: LabelledFeatures, classes: number): Promise<LogisticProblem> {
    const standardization = standardizationOf(train.x, train.size);
    const z = standardize(train.x, standardization);
    const x = await Matrix64.create(z, train.labels.length, train.size);
    return new LogisticProblem(x, z, train, standardization, classes);
  }

  /** Number of features. */
  get size(): number {
    return this.#x.columns;
  }

  /** Minimises the objective for one penalty. */
  fit(options: FitOptions): LinearClassifier {
    const { l2, from, curvature = this.#atZero } = options;
    const split = this.#x.columns * this.#classes;
    const start = new Float64Array(split + this.#classes);
    if (from !== undefined) {
      start.set(from.weights);
      start.set(from.intercepts, split);
    }
    const minimum = minimize((theta) => this.evaluate(theta, l2), {
      start,
      precondition: this.#preconditioner(curvature, l2),
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
   * The blocks Xᵀ diag(p_k (1 − p_k)) X / n at a fit. As many products as hundreds of evaluations, but where
   * features have heavy tails, fits that use them take a tenth of the steps.
   */
  curvatureAt({ weights, intercepts }: LinearClassifier): Curvature {
    const [n, d, c] = [this.#x.rows, this.#x.columns, this.#classes];
    const p = this.#x.times(weights, c);
    softmax(p, intercepts);
    const blocks = Array.from({ length: c }, () => new Float64Array(d * d));
    for (let first = 0; first < d; first += BLOCK) {
      const width = Math.min(BLOCK, d - first);
      const columns = this.#x.times(identityColumns(d, { first, width }), width);
      for (const [k, block] of blocks.entries()) {
        const part = columns.map((value, i) => {
          const share = p[Math.floor(i / width) * c + k];
          return value * share * (1 - share) / n;
        });
        place(block, this.#x.transposedTimes(part, width), { first, width });
      }
    }
    return blocks;
  }

  /** The inverse of the Hessian without its terms across classes; z-scores have mean zero. */
  #preconditioner(curvature: Curvature, l2: number): (v: Float64Array) => Float64Array {
    const [d, c] = [this.#x.columns, this.#classes];
    const factors = curvature.map((block) => {
      const hessian = block.slice();
      // Constant columns have no curvature of their own; a small amount keeps the matrix positive definite.
      for (let j = 0; j < d; j++) hessian[j * d + j] += l2 + 1e-10;
      return factorize(hessian, d);
    });
    return (v) => {
      const out = v.map((value) => c * value);
      if (factors.length === 1) out.set(solve(factors[0], v.subarray(0, d * c)));
      else {
        for (const [k, factor] of factors.entries()) {
          solve(factor, Float64Array.from({ length: d }, (_, j) => v[j * c + k]))
            .forEach((value, j) => out[j * c + k] = value);
        }
      }
      return centre(out, c);
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
  const own = Float64Array.from(labels, (label, i) => logits[i * c + label] + intercepts[label]);
  let loss = 0;
  softmax(logits, intercepts, (normalizer, i) => {
    logits[i * c + labels[i]] -= 1;
    loss += normalizer - own[i];
  });
  return loss;
}

/** Turns logits [n, c] without intercepts into probabilities, in place; gives log Σ exp of each row. */
function softmax(
  logits: Float64Array,
  intercepts: Float64Array,
  each: (normalizer: number, row: number) => void = () => {},
): void {
  const c = intercepts.length;
  for (let begin = 0; begin < logits.length; begin += c) {
    const end = begin + c;
    let top = -Infinity;
    for (let j = begin; j < end; j++) top = Math.max(top, logits[j] += intercepts[j - begin]);
    let sum = 0;
    for (let j = begin; j < end; j++) sum += logits[j] = Math.exp(logits[j] - top);
    for (let j = begin; j < end; j++) logits[j] /= sum;
    each(top + Math.log(sum), begin / c);
  }
}

/** Subtracts from each row [c] its mean, in place: adding one vector to all classes' weights changes no loss. */
function centre(theta: Float64Array, c: number): Float64Array {
  for (let begin = 0; begin < theta.length; begin += c) {
    const row = theta.subarray(begin, begin + c);
    const mean = row.reduce((sum, value) => sum + value, 0) / c;
    for (let j = 0; j < c; j++) row[j] -= mean;
  }
  return theta;
}

/** Columns taken at once: a second copy of X would be too large for a run of the paper's size. */
const BLOCK = 64;

/** XᵀX / n. */
function gramOf(x: Matrix64, z: Float64Array): Float64Array {
  const [n, d] = [x.rows, x.columns];
  const gram = new Float64Array(d * d);
  for (let first = 0; first < d; first += BLOCK) {
    const width = Math.min(BLOCK, d - first);
    const part = new Float64Array(n * width);
    for (let i = 0; i < n; i++) part.set(z.subarray(i * d + first, i * d + first + width), i * width);
    place(gram, x.transposedTimes(part, width).map((value) => value / n), { first, width });
  }
  return gram;
}

interface Columns {
  readonly first: number;
  readonly width: number;
}

/** Writes `columns` [d, width] into a matrix [d, d]. */
function place(matrix: Float64Array, columns: Float64Array, { first, width }: Columns): void {
  const d = columns.length / width;
  for (let row = 0; row < d; row++) {
    matrix.set(columns.subarray(row * width, (row + 1) * width), row * d + first);
  }
}

/** Columns of the identity matrix, [d, width]. */
function identityColumns(d: number, { first, width }: Columns): Float64Array {
  const out = new Float64Array(d * width);
  for (let j = 0; j < width; j++) out[(first + j) * width + j] = 1;
  return out;
}
