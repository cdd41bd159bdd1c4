/**
 * Standard error of a leaf's AUROC gain over the test images, paired with the untrained leaves on the same
 * images (DeLong, DeLong and Clarke-Pearson, _Biometrics_ 1988).
 *
 * The placement of an image of the class is the share of other images that score below it; that of another
 * image is the share of the class that scores above it. An AUROC is the mean placement over the class, and
 * also over the other images. A gain is a difference of AUROCs, so its placements are differences too, and
 *
 *     var(gain) = var(placements of the class) / n₁ + var(placements of the others) / n₀
 *
 * @module
 */
import { mean } from "../quantile.ts";

/** Placement of each image for each class, [classes][n]. */
export type Placements = readonly Float64Array[];

/**
 * Computes the placements.
 *
 * @param scores [n, classes]
 */
export function placementsOf(
  scores: Float64Array,
  { labels, classes }: { readonly labels: Uint8Array; readonly classes: number },
): Placements {
  return Array.from({ length: classes }, (_, label) => {
    const column = Float64Array.from(labels, (_, i) => scores[i * classes + label]);
    const own = column.filter((_, i) => labels[i] === label).sort();
    const others = column.filter((_, i) => labels[i] !== label).sort();
    return column.map((score, i) => labels[i] === label ? below(others, score) : 1 - below(own, score));
  });
}

/** Standard errors of one leaf's gains over the mean of others, [classes]; NaN for a class of one image. */
export function gainErrors(
  leaf: Placements,
  others: readonly Placements[],
  labels: Uint8Array,
): Float64Array {
  return Float64Array.from(leaf, (own, label) => {
    const gains = own.map((value, i) => value - mean(others.map((each) => each[label][i])));
    const [positive, negative] = [true, false]
      .map((inside) => gains.filter((_, i) => (labels[i] === label) === inside));
    return Math.sqrt(variance(positive) / positive.length + variance(negative) / negative.length);
  });
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

/** Unbiased variance of a sample. */
function variance(values: Float64Array): number {
  const centre = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
}
