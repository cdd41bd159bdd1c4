/**
 * The two linear evaluations as the stages that judge features run and report them: our own, solved to convergence, and
 * the released code's.
 *
 * @module
 */
import { CLASSES } from "../../formats/cifar.ts";
import type { LabelledFeatures } from "./feature_rows.ts";
import { predict } from "./logistic.ts";
import { type Classification, classification, wilsonInterval } from "./metrics.ts";
import { predictReleased, trainReleased } from "./released.ts";
import { type Candidate, logSpaced, selectLinear } from "./selection.ts";
import type { LinearParams, ReleasedParams } from "./params.ts";

/** Fractions lie in [0, 1]. */
export type Scored = Classification & {
  /** 95% interval of the accuracy over test images alone (Wilson). */
  readonly interval: readonly [number, number];
};

/** Result of the probe that is solved to convergence. */
export type LinearResult = Scored & {
  /** Chosen by cross-validation on the training images. */
  readonly l2: number;
  /** Accuracy of every penalty on the images held out, from strong to weak. */
  readonly path: readonly Candidate[];
  /** Penalty that each fold by itself would have chosen. */
  readonly foldwise: readonly number[];
  /** Largest ‖∇‖₂ of the objective where a fit stopped. */
  readonly gradientNorm: number;
};

/** Result of the released code's probe over several seeds of its layer. */
export interface ReleasedResult {
  /** Mean over layers. */
  readonly accuracy: number;
  /** Number of test images. */
  readonly n: number;
  readonly layers: readonly {
    readonly seed: number;
    readonly accuracy: number;
    /** Epochs that it trained for. */
    readonly epochs: number;
    /** Mean training loss of the last epoch, nats. */
    readonly loss: number;
  }[];
}

/** Features of the same images' two parts. */
export interface Features {
  readonly train: LabelledFeatures;
  readonly test: LabelledFeatures;
}

/** A result, with the predicted class of every test image [n] of each of the probe's repetitions. */
export interface Repeated<Result> {
  readonly result: Result;
  /** Classes by the classifiers that the probe might have given as well: by fold, or by seed of the layer. */
  readonly repetitions: readonly Uint8Array[];
}

/** A result that was counted from the predictions of one classifier. */
export interface Judged<Result> extends Repeated<Result> {
  /** [n] */
  readonly predictions: Uint8Array;
}

/** Receives the share done, in [0, 1]; may throw to stop the work. */
export type Progress = (share: number) => void;

/** Multinomial logistic regression, its penalty chosen on training images. */
export async function linearProbe(
  { train, test }: Features,
  params: LinearParams,
  progress: Progress,
): Promise<Judged<LinearResult>> {
  const { chosen, foldwise, path, gradientNorm } = await selectLinear(train, {
    classes: CLASSES.length,
    l2: logSpaced(params.l2),
    folds: params.folds,
    seed: params.foldSeed,
    tolerance: params.tolerance,
    progress: (done, total) => progress(done / total),
  });
  const predictions = predict(chosen.classifier, test);
  return {
    result: {
      ...scored(predictions, test.labels),
      l2: chosen.l2,
      path,
      foldwise: foldwise.map(({ l2 }) => l2),
      gradientNorm,
    },
    predictions,
    repetitions: foldwise.map(({ classifier }) => predict(classifier, test)),
  };
}

/** One linear layer for each seed, trained as the released code does. */
export async function releasedProbe(
  { train, test }: Features,
  { seeds, ...params }: ReleasedParams,
  progress: Progress,
): Promise<Repeated<ReleasedResult>> {
  const judged = [];
  for (const [i, seed] of seeds.entries()) {
    const layer = await trainReleased(train, {
      ...params,
      seed,
      classes: CLASSES.length,
      progress: (epoch) => progress((i + epoch / (epoch + EPOCHS)) / seeds.length),
    });
    const predictions = predictReleased(layer, test);
    const { accuracy } = classification(predictions, { labels: test.labels, classes: CLASSES.length });
    const { losses } = layer;
    judged.push({ predictions, seed, accuracy, epochs: losses.length, loss: losses[losses.length - 1] });
  }
  return {
    result: {
      accuracy: judged.reduce((sum, { accuracy }) => sum + accuracy, 0) / judged.length,
      n: test.labels.length,
      layers: judged.map(({ predictions: _, ...layer }) => layer),
    },
    repetitions: judged.map(({ predictions }) => predictions),
  };
}

/** Epochs after which half of a layer's training is said to be done, as nobody knows how many it will take. */
const EPOCHS = 30;

function scored(predictions: Uint8Array, labels: Uint8Array): Scored {
  const measured = classification(predictions, { labels, classes: CLASSES.length });
  return { ...measured, interval: wilsonInterval(measured.accuracy, measured.n) };
}
