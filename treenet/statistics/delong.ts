/**
 * Areas under the ROC curves of several classes, each against all others, and the covariance of their differences between two
 * classifiers on the same images (DeLong, DeLong and Clarke-Pearson, _Biometrics_ 1988; by sorting, as Sun and Xu, _IEEE
 * Signal Processing Letters_ 2014).
 *
 * The placement of an image of the class is the share of other images that score below it; that of another image is the
 * share of the class that scores above it. An area is the mean placement over the class, and also over the others. A
 * difference of areas has the differences of placements, and
 *
 *     var = var(placements of the n₁ of the class) / n₁ + var(placements of the n₀ others) / n₀
 *
 * That is a sum of squares over images, of placements centred in their group and divided by √(n (n − 1)) of it. The covariance
 * of two classes' differences is the sum of the products of the same terms.
 *
 * @module
 */

/** Placement of each image for each class, [classes][n]. */
export type Placements = readonly Float64Array[];

/** Classes of the images. */
export interface Labelled {
  /** [n], each class at least twice. */
  readonly labels: Uint8Array;
  readonly classes: number;
}

/**
 * Computes the placements; ties count half.
 *
 * @param scores [n, classes]
 */
export function placementsOf(scores: Float64Array, { labels, classes }: Labelled): Placements {
  return Array.from({ length: classes }, (_, label) => {
    const column = Float64Array.from(labels, (_, i) => scores[i * classes + label]);
    const own = column.filter((_, i) => labels[i] === label).sort();
    const others = column.filter((_, i) => labels[i] !== label).sort();
    return column.map((score, i) => labels[i] === label ? below(others, score) : 1 - below(own, score));
  });
}

/** Area of each class, [classes]: the probability that an image of it scores above one of another class. */
export function areasOf(placements: Placements, labels: Uint8Array): Float64Array {
  return Float64Array.from(placements, (values, label) => {
    const own = values.filter((_, i) => labels[i] === label);
    return own.reduce((sum, value) => sum + value, 0) / own.length;
  });
}

/** Differences of areas between two classifiers. */
export interface AreaGains {
  /** [classes] */
  readonly values: Float64Array;
  /** [classes][classes] */
  readonly covariance: readonly Float64Array[];
}

/** Areas after minus areas before, on the same images. */
export function areaGains(after: Placements, before: Placements, labels: Uint8Array): AreaGains {
  const gains = after.map((values, label) => values.map((value, i) => value - before[label][i]));
  const terms = gains.map((values, label) => errorTerms(values, labels.map((own) => own === label ? 1 : 0)));
  return {
    values: areasOf(gains, labels),
    covariance: terms.map((a) => Float64Array.from(terms, (b) => dot(a, b))),
  };
}

/** Standard error of each gain, [classes]. */
export function standardErrors({ covariance }: AreaGains): Float64Array {
  return Float64Array.from(covariance, (row, label) => Math.sqrt(row[label]));
}

/** Placements centred and scaled in their groups, so that the squares add up to the variance. */
function errorTerms(values: Float64Array, group: Uint8Array): Float64Array {
  const [counts, sums] = [[0, 0], [0, 0]];
  values.forEach((value, i) => {
    counts[group[i]]++;
    sums[group[i]] += value;
  });
  const scales = counts.map((n) => Math.sqrt(n * (n - 1)));
  return values.map((value, i) => (value - sums[group[i]] / counts[group[i]]) / scales[group[i]]);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** Share of sorted values below `value`; ties count half. */
function below(sorted: Float64Array, value: number): number {
  return (count(sorted, (each) => each < value) + count(sorted, (each) => each <= value)) /
    (2 * sorted.length);
}

/** Number of leading values for which `holds` is true, by bisection. */
function count(sorted: Float64Array, holds: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(sorted[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}
