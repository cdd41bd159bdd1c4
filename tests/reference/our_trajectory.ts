/**
 * Ours: twenty steps of training, with the state after each.
 *
 * @module
 */
import { copyWeights, type Weights } from "../../treenet/nn/parameters.ts";
import { newState, type State } from "../../treenet/state.ts";
import { train, type TrainOptions } from "../../treenet/train.ts";
import type { Views } from "../../treenet/augment/mod.ts";
import type { Ops } from "../../treenet/nn/types.ts";
import { CENTRE_MOMENTUM, centresOf, TEMPERATURES } from "./our_batch.ts";
import { type Case, CROPS, drawnViews, FREEZE_STEPS } from "./drawn_networks.ts";

export const STEPS = 20;
/** Warm-up, thaw and most of a cosine happen within the steps. */
export const RULES = {
  temperatures: TEMPERATURES,
  centreMomentum: CENTRE_MOMENTUM,
  clip: 0.3, // takes hold of some tensors and not of others
  schedule: {
    steps: 25,
    warmupSteps: 5,
    freezeSteps: FREEZE_STEPS,
    stepsPerEpoch: 1,
    learningRate: 2e-3,
    finalLearningRate: 1e-6,
    weightDecay: 0.04,
    finalWeightDecay: 0.4,
    momentum: 0.9,
    finalMomentum: 1,
  },
};

/** The state after a step. */
export interface Moment {
  readonly loss: number;
  /** One head's after the other's. */
  readonly centre: Float32Array;
  readonly student: Weights;
  readonly teacher: Weights;
}

export interface Trajectory {
  readonly start: Weights;
  /** Views by step. */
  readonly views: readonly Views[];
  readonly moments: readonly Moment[];
  /** The state at the end of the run. */
  readonly state: State;
}

/** Trains from the initial weights, with new views of the same images every step. */
export async function trajectoryOf(
  { network, parts }: Case,
  { ops, images, seed }: { readonly ops: Ops; readonly images: number; readonly seed: number },
): Promise<Trajectory> {
  const state = newState(network, seed);
  const start = copyWeights(state.student);
  const views = Array.from({ length: STEPS }, (_, step) => drawnViews(images, 100 + step));
  const moments: Moment[] = [];
  const options: TrainOptions = {
    ...RULES,
    ...CROPS,
    network,
    ops,
    batch: images,
    microBatch: images,
    until: STEPS,
    views: (step) => Promise.resolve(views[step]),
  };
  for await (const { loss } of train(state, options)) {
    const { student, teacher, method } = state;
    moments.push({
      loss,
      centre: centresOf(parts, method),
      student: copyWeights(student),
      teacher: copyWeights(teacher),
    });
  }
  return { start, views, moments, state };
}
