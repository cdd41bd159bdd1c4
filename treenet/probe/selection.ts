/**
 * Linear evaluation with the penalty chosen on held-out training images. Penalties are fitted from strong to
 * weak, each warm-started from the one before (the objective is convex); the best by held-out accuracy is
 * refitted from zero on all training images and tested once.
 *
 * @module
 */
import { type LabelledFeatures, selectRows } from "./feature_rows.ts";
import { type LinearClassifier, LogisticProblem, predict } from "./logistic.ts";
import { classification } from "./metrics.ts";
import { stratifiedSplit } from "./split.ts";

export interface SelectionOptions {
  readonly classes: number;
  /** Candidates, in any order. */
  readonly l2: readonly number[];
  /** Share of each class that is held out of the training images. */
  readonly holdout: number;
  /** Seed of the split. */
  readonly seed: number;
  /** ‖∇f‖₂ at which the refit stops. @default 1e-7 */
  readonly tolerance?: number;
  /** Called after each candidate and after the refit; may be awaited to yield. */
  readonly progress?: (done: number, total: number) => void | Promise<void>;
}

export interface Selection {
  readonly classifier: LinearClassifier;
  /** Chosen penalty. */
  readonly l2: number;
  /** Held-out accuracy of each candidate, by descending l2. */
  readonly path: readonly { readonly l2: number; readonly accuracy: number }[];
}

/** ‖∇f‖₂ at which a candidate's fit stops: less changes held-out accuracy by less than 0.3 points. */
const PATH_TOLERANCE = 1e-3;

/** `count` values from `min` to `max`, evenly spaced in their logarithm. */
export function logSpaced(
  { min, max, count }: { readonly min: number; readonly max: number; readonly count: number },
): readonly number[] {
  if (count === 1) return [max];
  return Array.from({ length: count }, (_, i) => min * (max / min) ** (i / (count - 1)));
}

/** Chooses the penalty and fits `train` with it. */
export async function selectLinear(train: LabelledFeatures, options: SelectionOptions): Promise<Selection> {
  const path = await penaltyPath(train, options);
  const best = path.reduce((a, b) => b.accuracy > a.accuracy ? b : a); // the stronger penalty of equals
  const problem = await LogisticProblem.create(train, options.classes);
  try {
    const classifier = problem.fit({ l2: best.l2, tolerance: options.tolerance });
    await options.progress?.(options.l2.length + 1, options.l2.length + 1);
    return { classifier, l2: best.l2, path };
  } finally {
    problem.free();
  }
}

async function penaltyPath(train: LabelledFeatures, options: SelectionOptions): Promise<Selection["path"]> {
  const { kept, held } = stratifiedSplit(train.labels, { share: options.holdout, seed: options.seed });
  const heldOut = selectRows(train, held);
  const problem = await LogisticProblem.create(selectRows(train, kept), options.classes);
  try {
    const path: { l2: number; accuracy: number }[] = [];
    let from: LinearClassifier | undefined;
    for (const l2 of options.l2.toSorted((a, b) => b - a)) {
      from = problem.fit({ l2, from, tolerance: PATH_TOLERANCE });
      const predictions = predict(from, heldOut);
      const { accuracy } = classification(predictions, { labels: heldOut.labels, classes: options.classes });
      path.push({ l2, accuracy });
      await options.progress?.(path.length, options.l2.length + 1);
    }
    return path;
  } finally {
    problem.free();
  }
}
