/**
 * Length of a run, in steps.
 *
 * @module
 */
import type { TrainParams } from "./params.ts";

/** Numbers of steps. */
export interface Length {
  readonly stepsPerEpoch: number;
  /** Steps of the whole schedule. */
  readonly steps: number;
  /** Steps that are computed. */
  readonly until: number;
  readonly warmupSteps: number;
}

/** Steps after which the encoder is kept: evenly spaced over the schedule, without start and end. */
export function snapshotSteps(
  { snapshots }: Pick<TrainParams, "snapshots">,
  { steps, until }: Pick<Length, "steps" | "until">,
): readonly number[] {
  const spaced = Array.from({ length: snapshots }, (_, i) => Math.round((i + 1) * steps / (snapshots + 1)));
  return [...new Set(spaced)].filter((step) => step > 0 && step < until);
}

/** @param images of an epoch */
export function lengthOf(params: TrainParams, images: number): Length {
  const stepsPerEpoch = Math.floor(images / params.batch);
  if (stepsPerEpoch === 0) {
    throw new RangeError(
      `Cannot train: there are ${images} images, expected at least train.batch = ${params.batch}, lower train.batch`,
    );
  }
  const steps = params.epochs * stepsPerEpoch;
  const warmupSteps = params.warmupSteps ?? Math.round(params.warmupEpochs * stepsPerEpoch);
  if (warmupSteps >= steps) {
    throw new RangeError(
      `Cannot train: warm-up takes ${warmupSteps} of ${steps} steps, expected fewer, lower train.warmupSteps`,
    );
  }
  return { stepsPerEpoch, steps, until: Math.min(steps, params.maxSteps ?? steps), warmupSteps };
}
