/**
 * The classes that a leaf gained most on, and the test that they stand out from the others more than an even learner's.
 *
 * Of all sets S of classes, at most half of them, the one is taken whose gains stand out most: the largest
 *
 *     T = max over S of (mean of g in S − mean of g outside S) / its standard error
 *
 * An even learner has the same true gain on every class; its gains differ by noise with the covariance Σ of the leaf's. T of
 * draws from the normal distribution with mean 0 and that covariance is the null, which thus pays for the search among sets
 * (Hothorn, Bretz and Westfall, _Biometrical Journal_ 2008: the largest of correlated contrasts).
 *
 * @module
 */
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import type { AreaGains } from "../../statistics/delong.ts";
import { random } from "../../random.ts";

/** A leaf's favoured classes. */
export interface Favoured {
  /** S, ascending. */
  readonly classes: readonly number[];
  /** T */
  readonly statistic: number;
}

/** Mean gains on the favoured classes and on the others. */
export interface Contrast {
  readonly own: number;
  readonly others: number;
}

export interface DrawOptions {
  readonly draws: number;
  readonly seed: number;
}

/** Number of this random stream, so that no other draw repeats it. */
const STREAM = 0x5_9e_c1;

/**
 * The standardised contrasts of all sets of classes with this covariance: mean inside minus mean outside, divided by its
 * standard error; 0 where that is 0. A set is the number whose bits are its classes.
 */
export class Contrasts {
  readonly #classes: number;
  /** Sets of at most half of the classes. */
  readonly #sets: Int32Array;
  /** Factors of the sum inside a set and of the sum of all, for each of those. */
  readonly #inside: Float64Array;
  readonly #all: Float64Array;
  /** Sums of gains over the classes of each set. */
  readonly #sums: Float64Array;

  constructor(covariance: AreaGains["covariance"]) {
    const count = this.#classes = covariance.length;
    this.#sums = new Float64Array(2 ** count);
    this.#sets = Int32Array.from(this.#sums.keys())
      .filter((set) => set > 0 && membersOf(set, count).length <= count / 2);
    const factors = Array.from(this.#sets, (set) => {
      const size = membersOf(set, count).length;
      const contrast = Float64Array.from(covariance, (_, i) => set >> i & 1 ? 1 / size : -1 / (count - size));
      const error = Math.sqrt(quadratic(covariance, contrast));
      const scale = error > 0 ? 1 / error : 0;
      return { inside: scale * (1 / size + 1 / (count - size)), all: scale / (count - size) };
    });
    this.#inside = Float64Array.from(factors, ({ inside }) => inside);
    this.#all = Float64Array.from(factors, ({ all }) => all);
  }

  /** The set that stands out most in these gains. */
  favoured(gains: Float64Array): Favoured {
    const sums = this.#sums;
    for (let set = 1; set < sums.length; set++) {
      sums[set] = sums[set & (set - 1)] + gains[31 - Math.clz32(set & -set)];
    }
    const total = sums[sums.length - 1];
    let [best, statistic] = [0, -Infinity];
    for (let i = 0; i < this.#sets.length; i++) {
      const value = this.#inside[i] * sums[this.#sets[i]] - this.#all[i] * total;
      if (value > statistic) [best, statistic] = [i, value];
    }
    return { classes: membersOf(this.#sets[best], this.#classes), statistic };
  }
}

/** Means of the gains inside and outside a set. */
export function contrastOf(gains: Float64Array, classes: readonly number[]): Contrast {
  let [own, others] = [0, 0];
  gains.forEach((gain, label) => {
    if (classes.includes(label)) own += gain / classes.length;
    else others += gain / (gains.length - classes.length);
  });
  return { own, others };
}

/** T of even learners with this covariance, one a draw. */
export function evenLearners(covariance: AreaGains["covariance"], options: DrawOptions): Float64Array {
  const contrasts = new Contrasts(covariance);
  return Float64Array.from(noiseOf(covariance, options), (noise) => contrasts.favoured(noise).statistic);
}

/** Draws from the normal distribution with mean 0 and this covariance, [draws][classes]. */
export function noiseOf(
  covariance: AreaGains["covariance"],
  { draws, seed }: DrawOptions,
): readonly Float64Array[] {
  const root = rootOf(covariance);
  const stream = random(seed, STREAM);
  return Array.from({ length: draws }, () => {
    const normals = Float64Array.from(covariance, () => stream.normal());
    return Float64Array.from(root, (row) => dot(row, normals));
  });
}

/** R with R·Rᵀ = Σ, also where Σ is singular: eigenvectors times roots of eigenvalues, by row. */
function rootOf(covariance: AreaGains["covariance"]): readonly Float64Array[] {
  const matrix = new Matrix(covariance.map((row) => [...row]));
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(matrix, {
    assumeSymmetric: true,
  });
  return covariance.map((_, row) =>
    Float64Array.from(
      realEigenvalues,
      (value, i) => eigenvectorMatrix.get(row, i) * Math.sqrt(Math.max(0, value)),
    )
  );
}

/** Classes of the set whose bits are `bits`. */
function membersOf(bits: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, label) => label).filter((label) => (bits >> label & 1) === 1);
}

function quadratic(covariance: AreaGains["covariance"], vector: Float64Array): number {
  return covariance.reduce((sum, row, i) => sum + vector[i] * dot(row, vector), 0);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
