/**
 * Health of a run: numbers that are not finite stop it, and a collapse of its representations is named.
 *
 * In DINO the teacher's distribution may become uniform, or the same for every image (Caron et al., 2021,
 * section 5.3); in any method every image may get the same embedding. A run is called collapsed if the last
 * {@linkcode WINDOW} steps or more, all after its warm-up, each show the same sign:
 *
 * | verdict | sign |
 * |---|---|
 * | collapsed: uniform | the teacher's entropy > 0.9999 ln K |
 * | collapsed: constant | KL < 10⁻⁴ ln K (the student predicts it without effort), or feature SD < 10⁻⁴ |
 *
 * A new run shows them for some tens of steps, before it learns: hence the window. A run that recovers is healthy.
 *
 * @module
 */
import { EigenvalueDecomposition, Matrix } from "ml-matrix";

/** The numbers that a step is judged by. */
export interface Vitals {
  /** Counted from 1. */
  readonly step: number;
  readonly loss: number;
  /** Mean entropy of the teacher's distributions, nats; NaN for methods without any. */
  readonly teacherEntropy: number;
  /** Mean divergence of the student's distributions from the teacher's, nats; NaN for methods without any. */
  readonly kl: number;
  /** See {@linkcode featureSd}. */
  readonly featureSd: number;
}

/** The reason that a run cannot go on, in words that complete "at that step …". */
export interface Illness {
  readonly found: string;
}

/** A run's verdict. */
export type Health = "healthy" | "collapsed: uniform" | "collapsed: constant" | "too short to judge";

/** A run's health, and the first step of the collapse that it ended in. */
export interface Verdict {
  readonly health: Health;
  readonly collapsedSince: number | null;
}

/** Steps that must all look collapsed. */
export const WINDOW = 500;

const VANISHING = 1e-4;

/** Judges a whole run, or what there is of it. `prototypes`: K of the teacher's distributions, @default none. */
export function healthOf(
  log: readonly Vitals[],
  { prototypes = 0, warmupSteps }: { readonly prototypes?: number; readonly warmupSteps: number },
): Verdict {
  if (log.length < warmupSteps + WINDOW) return { health: "too short to judge", collapsedSince: null };
  for (const [health, shows] of signs(Math.log(prototypes))) {
    let first = log.length;
    while (first > warmupSteps && shows(log[first - 1])) first--;
    if (log.length - first >= WINDOW) return { health, collapsedSince: log[first].step };
  }
  return { health: "healthy", collapsedSince: null };
}

/** Signs of a collapse; `most` is the largest possible entropy, nats. NaN is never a sign. */
function signs(most: number): readonly (readonly [Health, (vitals: Vitals) => boolean])[] {
  return [
    ["collapsed: uniform", ({ teacherEntropy }) => teacherEntropy > (1 - VANISHING) * most],
    ["collapsed: constant", ({ kl }) => kl < VANISHING * most],
    ["collapsed: constant", ({ featureSd }) => featureSd < VANISHING],
  ];
}

/** @returns what is not finite, if anything */
export function findNotFinite(
  { loss }: Pick<Vitals, "loss">,
  gradientNorms: ReadonlyMap<string, number>,
): Illness | undefined {
  if (!Number.isFinite(loss)) return { found: `loss is ${loss}` };
  for (const [name, norm] of gradientNorms) {
    if (!Number.isFinite(norm)) {
      return { found: `the gradient of ${name} has norm ${norm}` };
    }
  }
}

/**
 * Spread of the embeddings' directions (Chen and He, 2021): the standard deviation over rows of each
 * l2-normalised feature, averaged over features, times √D. 1: the largest possible spread; 0: one direction.
 * `rows` [n, D].
 */
export function featureSd(rows: Float32Array, size: number): number {
  const n = rows.length / size;
  const [sums, squares] = [new Float64Array(size), new Float64Array(size)];
  for (let row = 0; row < n; row++) {
    const at = row * size;
    const inverse = 1 / Math.max(norm(rows.subarray(at, at + size)), 1e-12);
    for (let d = 0; d < size; d++) {
      const value = rows[at + d] * inverse;
      sums[d] += value;
      squares[d] += value * value;
    }
  }
  let total = 0;
  for (let d = 0; d < size; d++) total += Math.sqrt(Math.max(squares[d] / n - (sums[d] / n) ** 2, 0));
  return total / Math.sqrt(size);
}

function norm(x: Float32Array): number {
  let squares = 0;
  for (let i = 0; i < x.length; i++) squares += x[i] * x[i];
  return Math.sqrt(squares);
}

const RANK_EPSILON = 1e-7;

/**
 * RankMe (Garrido et al., 2023): in how many directions embeddings spread, as a smooth rank.
 *
 *     p_k = σ_k / Σ_j σ_j + ε,    RankMe = exp(−Σ_k p_k ln p_k)        σ: singular values of the rows, ε = 10⁻⁷
 *
 * It lies between 1 and the smaller of rows and features, so it compares moments of one run, or embeddings of one width,
 * by the same number of rows. `rows` [n, size] are row-major, not centred; 1 where all are zero, NaN where one is not finite.
 */
export function rankMe(rows: Float32Array, size: number): number {
  if (!rows.every(Number.isFinite)) return NaN;
  const singular = singularValues(rows, size);
  const total = singular.reduce((sum, value) => sum + value, 0);
  if (total === 0) return 1;
  const entropy = singular.reduce((sum, value) => {
    const p = value / total + RANK_EPSILON;
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

/** Product A Aᵀ of A [order, length]. */
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
