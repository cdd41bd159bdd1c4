/**
 * Linear evaluation for a curve: fitted on some training images, its penalty chosen on others, tested without
 * a refit. It is faster than `selection.ts` and good to compare moments of a run; the choice makes the
 * validation accuracy a little too high.
 *
 * @module
 */
import type { LabelledFeatures } from "./feature_rows.ts";
import { type LinearClassifier, LogisticProblem, predict } from "./logistic.ts";
import { classification } from "./metrics.ts";

export interface HeldOutOptions {
  readonly classes: number;
  /** Candidates, in any order. */
  readonly l2: readonly number[];
  /** Awaited before each fit; it may throw to stop. */
  readonly pause?: () => Promise<void>;
}

/** Accuracies, as fractions, of the classifier that was best in validation. */
export interface HeldOutAccuracy {
  readonly validated: number;
  readonly tested: number;
  /** Penalty of the best candidate. */
  readonly l2: number;
  /** Predicted class of every tested image, [n]. */
  readonly predictions: Uint8Array;
}

/** ‖∇f‖₂ at which a fit stops: a smaller one changes an accuracy by less than 0.3 points. */
const TOLERANCE = 1e-3;

/** Fits penalties from strong to weak, each from the fit before; the stronger of equals is chosen. */
export async function heldOutProbe(
  { fitted, validated, tested }: {
    readonly fitted: LabelledFeatures;
    readonly validated: LabelledFeatures;
    readonly tested: LabelledFeatures;
  },
  { classes, l2: candidates, pause }: HeldOutOptions,
): Promise<HeldOutAccuracy> {
  const accuracy = (classifier: LinearClassifier, on: LabelledFeatures) =>
    classification(predict(classifier, on), { labels: on.labels, classes }).accuracy;
  const problem = await LogisticProblem.create(fitted, classes);
  try {
    let best:
      | { readonly classifier: LinearClassifier; readonly validated: number; readonly l2: number }
      | undefined;
    let from: LinearClassifier | undefined;
    for (const l2 of candidates.toSorted((a, b) => b - a)) {
      await pause?.();
      from = problem.fit({ l2, from, tolerance: TOLERANCE });
      const found = accuracy(from, validated);
      if (best === undefined || found > best.validated) best = { classifier: from, validated: found, l2 };
    }
    const { classifier, ...chosen } = best!;
    const predictions = predict(classifier, tested);
    const { accuracy: share } = classification(predictions, { labels: tested.labels, classes });
    return { ...chosen, tested: share, predictions };
  } finally {
    problem.free();
  }
}
