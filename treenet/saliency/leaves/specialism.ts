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

/** A set S and its contrast. */
export interface ClassSet {
  readonly classes: readonly number[];
  /** [classes]; the contrast divided by its standard error, zero where that is zero. */
  readonly weights: Float64Array;
}

/** Number of this random stream, so that no other draw repeats it. */
const STREAM = 0x5_9e_c1;

/** The sets of classes, with contrasts scaled by this covariance. */
export function classSets(covariance: AreaGains["covariance"]): readonly ClassSet[] {
  const count = covariance.length;
  return Array.from({ length: 2 ** count - 1 }, (_, i) => membersOf(i + 1, count))
    .filter((classes) => classes.length <= count / 2)
    .map((classes) => {
      const contrast = new Float64Array(count).fill(-1 / (count - classes.length));
      for (const label of classes) contrast[label] = 1 / classes.length;
      const error = Math.sqrt(quadratic(covariance, contrast));
      return { classes, weights: contrast.map((weight) => error > 0 ? weight / error : 0) };
    });
}

/** The set that stands out most in these gains. */
export function favouredOf(gains: Float64Array, sets: readonly ClassSet[]): Favoured {
  let [best, statistic] = [sets[0], -Infinity];
  for (const set of sets) {
    const value = dot(gains, set.weights);
    if (value > statistic) [best, statistic] = [set, value];
  }
  return { classes: best.classes, statistic };
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
export function evenLearners(
  covariance: AreaGains["covariance"],
  sets: readonly ClassSet[],
  options: DrawOptions,
): Float64Array {
  return Float64Array.from(noiseOf(covariance, options), (noise) => largest(noise, sets));
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

function largest(gains: Float64Array, sets: readonly ClassSet[]): number {
  let most = -Infinity;
  for (const { weights } of sets) most = Math.max(most, dot(gains, weights));
  return most;
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
