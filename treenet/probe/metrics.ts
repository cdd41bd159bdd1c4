/**
 * Accuracy of a list of predictions, with its interval.
 *
 * @module
 */

export interface Classification {
  /** Share of images whose class is right. */
  readonly accuracy: number;
  /** Recall of each class; null where the class has no image. */
  readonly perClass: readonly (number | null)[];
  /** Number of images by [true class][predicted class]. */
  readonly confusion: readonly (readonly number[])[];
  readonly n: number;
}

/**
 * Counts `predictions` [n] against `labels` [n], both in 0 … classes − 1.
 *
 * @throws {RangeError} without predictions: the accuracy would be NaN, and compared without notice
 */
export function classification(
  predictions: Uint8Array,
  options: { readonly labels: Uint8Array; readonly classes: number },
): Classification {
  const { labels, classes } = options;
  if (labels.length === 0) {
    throw new RangeError(
      "Cannot measure an accuracy: there are no images to count, take more images or hold out a larger share",
    );
  }
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  predictions.forEach((predicted, i) => confusion[labels[i]][predicted]++);
  const right = confusion.map((row, label) => row[label]);
  const totals = confusion.map(sum);
  return {
    accuracy: sum(right) / labels.length,
    perClass: right.map((count, label) => totals[label] === 0 ? null : count / totals[label]),
    confusion,
    n: labels.length,
  };
}

/** 97.5% point of the standard normal. */
const Z = 1.959963984540054;

/** 95% interval of a share observed in n draws (Wilson 1927). */
export function wilsonInterval(share: number, n: number): readonly [number, number] {
  const centre = (share + Z ** 2 / (2 * n)) / (1 + Z ** 2 / n);
  const half = (Z / (1 + Z ** 2 / n)) * Math.sqrt(share * (1 - share) / n + Z ** 2 / (4 * n ** 2));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
