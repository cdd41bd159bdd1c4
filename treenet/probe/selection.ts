/**
 * Linear evaluation with the penalty chosen by cross-validation on the training images. In every fold, and on
 * all of them, penalties are solved from strong to weak to the same gradient norm; the one with the best mean
 * accuracy over the folds is fitted on all training images and tested once.
 *
 * @module
 */
import { type LabelledFeatures, selectRows } from "./feature_rows.ts";
import { type Curvature, type LinearClassifier, LogisticProblem, predict } from "./logistic.ts";
import { classification } from "./metrics.ts";
import { stratifiedFolds } from "./split.ts";

export interface SelectionOptions {
  readonly classes: number;
  /** Candidates, in any order. */
  readonly l2: readonly number[];
  /** Number of folds. */
  readonly folds: number;
  /** Seed of the folds. */
  readonly seed: number;
  /** ‖∇f‖₂ at which every fit stops. @default 1e-6 */
  readonly tolerance?: number;
  /** Called after each fit; may be awaited to yield. */
  readonly progress?: (done: number, total: number) => void | Promise<void>;
}

/** Accuracy of a penalty on the images held out. */
export interface Candidate {
  readonly l2: number;
  /** Mean over folds. */
  readonly accuracy: number;
  readonly folds: readonly number[];
}

export interface Selection {
  /** Fitted on all training images with the chosen penalty. */
  readonly chosen: Fitted;
  /** The same with the penalty that each fold by itself would have chosen. */
  readonly foldwise: readonly Fitted[];
  /** Every candidate, by descending penalty. */
  readonly path: readonly Candidate[];
  /** Largest ‖∇f‖₂ at which a fit stopped. */
  readonly gradientNorm: number;
}

export interface Fitted {
  readonly l2: number;
  readonly classifier: LinearClassifier;
}

/** `count` values from `min` to `max`, evenly spaced in their logarithm. */
export function logSpaced(
  { min, max, count }: { readonly min: number; readonly max: number; readonly count: number },
): readonly number[] {
  if (count === 1) return [max];
  return Array.from({ length: count }, (_, i) => min * (max / min) ** (i / (count - 1)));
}

/** Chooses the penalty and fits `train` with it. */
export async function selectLinear(train: LabelledFeatures, options: SelectionOptions): Promise<Selection> {
  const { folds, seed } = options;
  const whole = await wholePath(train, options);
  const fold = stratifiedFolds(train.labels, { folds, seed });
  const accuracies: (readonly number[])[] = [];
  let gradientNorm = Math.max(...whole.map(({ classifier }) => classifier.gradientNorm));
  for (let held = 0; held < folds; held++) {
    const found = await foldPath(train, { fold, held, whole }, options);
    accuracies.push(found.map(({ accuracy }) => accuracy));
    gradientNorm = Math.max(gradientNorm, ...found.map((each) => each.gradientNorm));
  }
  const path = whole.map(({ l2 }, at): Candidate => {
    const of = accuracies.map((values) => values[at]);
    return { l2, accuracy: of.reduce((sum, value) => sum + value, 0) / folds, folds: of };
  });
  const fitted = (value: (candidate: Candidate) => number) => whole[best(path.map(value))];
  return {
    chosen: fitted(({ accuracy }) => accuracy),
    foldwise: accuracies.map((_, held) => fitted((candidate) => candidate.folds[held])),
    path,
    gradientNorm,
  };
}

/** Index of the best, the strongest penalty of equals. */
function best(accuracies: readonly number[]): number {
  return accuracies.indexOf(Math.max(...accuracies));
}

/** A fit, with the curvature that it took. */
interface Reference extends Fitted {
  readonly curvature?: Curvature;
}

/** Steps of a fit, and of one more for so many features, after which the curvature there is worth d/2 evaluations. */
const [SLOW, WIDE] = [40, 4];
/** Steps after which a fit is given up. */
const MOST = 20_000;

async function wholePath(
  train: LabelledFeatures,
  options: SelectionOptions,
): Promise<readonly Reference[]> {
  const problem = await LogisticProblem.create(train, options.classes);
  try {
    const found: Reference[] = [];
    for (const l2 of descending(options)) {
      const before = found.at(-1);
      const start = { l2, from: before?.classifier, curvature: before?.curvature };
      found.push(solved(problem, start, options));
      await options.progress?.(found.length, fitsOf(options));
    }
    return found;
  } finally {
    problem.free();
  }
}

/** Fits all folds but one, each penalty from where the change on all images leads, and judges that one. */
async function foldPath(
  train: LabelledFeatures,
  { fold, held, whole }: {
    readonly fold: Uint8Array;
    readonly held: number;
    readonly whole: readonly Reference[];
  },
  options: SelectionOptions,
): Promise<readonly { readonly accuracy: number; readonly gradientNorm: number }[]> {
  const { classes } = options;
  const rows = Int32Array.from(fold.keys());
  const heldOut = selectRows(train, rows.filter((i) => fold[i] === held));
  const problem = await LogisticProblem.create(
    selectRows(train, rows.filter((i) => fold[i] !== held)),
    classes,
  );
  try {
    const found: { readonly accuracy: number; readonly gradientNorm: number }[] = [];
    let last: LinearClassifier | undefined;
    for (const [at, { l2, classifier, curvature }] of whole.entries()) {
      const from = last && moved(last, { from: whole[at - 1].classifier, to: classifier });
      last = solved(problem, { l2, from: from ?? classifier, curvature }, options).classifier;
      const predictions = predict(last, heldOut);
      const { accuracy } = classification(predictions, { labels: heldOut.labels, classes });
      found.push({ accuracy, gradientNorm: last.gradientNorm });
      await options.progress?.((held + 1) * whole.length + found.length, fitsOf(options));
    }
    return found;
  } finally {
    problem.free();
  }
}

type Start = Pick<LinearClassifier, "weights" | "intercepts">;

/** `start` + `to` − `from`. */
function moved(start: Start, { from, to }: { readonly from: Start; readonly to: Start }): Start {
  const part = (name: keyof Start) => start[name].map((value, i) => value + to[name][i] - from[name][i]);
  return { weights: part("weights"), intercepts: part("intercepts") };
}

/** @throws {RangeError} if the gradient's norm stays above the tolerance */
function solved(
  problem: LogisticProblem,
  { l2, ...start }: { readonly l2: number; readonly from?: Start; readonly curvature?: Curvature },
  { tolerance = 1e-6 }: SelectionOptions,
): Reference {
  let { curvature } = start;
  let maxIterations = Math.max(SLOW, Math.round(problem.size / WIDE));
  let classifier = problem.fit({ l2, ...start, tolerance, maxIterations });
  for (; classifier.gradientNorm > tolerance && maxIterations < MOST; maxIterations *= 2) {
    curvature = problem.curvatureAt(classifier);
    classifier = problem.fit({ l2, from: classifier, curvature, tolerance, maxIterations });
  }
  if (classifier.gradientNorm <= tolerance) return { l2, classifier, curvature };
  throw new RangeError(
    `Cannot solve the linear probe at l2 = ${l2}: its gradient's norm stays at ${classifier.gradientNorm}, expected ` +
      `at most ${tolerance}, try a larger tolerance or stronger penalties`,
  );
}

function descending({ l2 }: SelectionOptions): readonly number[] {
  return l2.toSorted((a, b) => b - a);
}

function fitsOf({ l2, folds }: SelectionOptions): number {
  return l2.length * (folds + 1);
}
