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
import { logSpaced, selectLinear } from "./selection.ts";
import type { LinearParams, ReleasedParams } from "./params.ts";

/** Fractions lie in [0, 1]. */
export type Scored = Classification & {
  /** 95% interval of the accuracy over test images alone (Wilson). */
  readonly interval: readonly [number, number];
};

/** Result of the probe that is solved to convergence. */
export type LinearResult = Scored & {
  /** Chosen on held-out training images. */
  readonly l2: number;
  /** ‖∇‖₂ of the objective where the fit stopped. */
  readonly gradientNorm: number;
};

/** Result of the released code's probe. */
export type ReleasedResult = Scored & {
  /** Epochs that it trained for. */
  readonly epochs: number;
  /** Mean training loss of the last epoch, nats. */
  readonly loss: number;
};

/** Features of the same images' two parts. */
export interface Features {
  readonly train: LabelledFeatures;
  readonly test: LabelledFeatures;
}

/** A result, and the predicted class of every test image that it was counted from. */
export interface Judged<Result> {
  readonly result: Result;
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
  const { classifier, l2 } = await selectLinear(train, {
    classes: CLASSES.length,
    l2: logSpaced(params.l2),
    holdout: params.holdout,
    seed: params.splitSeed,
    tolerance: params.tolerance,
    progress: (done, total) => progress(done / total),
  });
  const predictions = predict(classifier, test);
  const { gradientNorm } = classifier;
  return { result: { ...scored(predictions, test.labels), l2, gradientNorm }, predictions };
}

/** One linear layer, trained as the released code does. */
export async function releasedProbe(
  { train, test }: Features,
  params: ReleasedParams,
  progress: Progress,
): Promise<Judged<ReleasedResult>> {
  const layer = await trainReleased(train, {
    ...params,
    classes: CLASSES.length,
    progress: (epoch) => progress(epoch / params.maxEpochs),
  });
  const predictions = predictReleased(layer, test);
  const { losses } = layer;
  const result = {
    ...scored(predictions, test.labels),
    epochs: losses.length,
    loss: losses[losses.length - 1],
  };
  return { result, predictions };
}

function scored(predictions: Uint8Array, labels: Uint8Array): Scored {
  const measured = classification(predictions, { labels, classes: CLASSES.length });
  return { ...measured, interval: wilsonInterval(measured.accuracy, measured.n) };
}
