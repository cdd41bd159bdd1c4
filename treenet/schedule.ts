/**
 * The rates that change from step to step: learning rate, weight decay and the teacher's momentum. The cosine
 * (Loshchilov and Hutter, 2017): s_i = end + ½ (base − end)(1 + cos(π i / N)).
 *
 * @module
 */

/** The run's length and end points. */
export interface ScheduleOptions {
  /** N: steps of the whole run, also where only a part of it is computed. */
  readonly steps: number;
  readonly stepsPerEpoch: number;
  readonly warmupSteps: number;
  /** Peak; DINO's is 5e-4 · batch / 256, the linear scaling rule (Goyal et al., 2017). */
  readonly learningRate: number;
  readonly finalLearningRate: number;
  readonly weightDecay: number;
  readonly finalWeightDecay: number;
  readonly momentum: number;
  readonly finalMomentum: number;
}

/** Rates of one step. */
export interface Rates {
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Share of itself that the teacher keeps. */
  readonly momentum: number;
}

/**
 * Rates of step i, counted from 0. The learning rate rises linearly from 0 to its peak, which the last step of the
 * warm-up and the first of the cosine both have (DINO's cosine_scheduler).
 */
export function ratesAt(i: number, options: ScheduleOptions): Rates {
  const { steps, warmupSteps, learningRate, finalLearningRate } = options;
  return {
    learningRate: i < warmupSteps
      ? warmedUp(i, { from: 0, to: learningRate, steps: warmupSteps })
      : cosine(i - warmupSteps, { base: learningRate, end: finalLearningRate, steps: steps - warmupSteps }),
    weightDecay: cosine(i, { base: options.weightDecay, end: options.finalWeightDecay, steps }),
    momentum: cosine(i, { base: options.momentum, end: options.finalMomentum, steps }),
  };
}

/** Linear from `from` in step 0 to `to` in step `steps` − 1 and after (DINO's warm-up of the teacher's temperature). */
export function warmedUp(
  i: number,
  { from, to, steps }: { readonly from: number; readonly to: number; readonly steps: number },
): number {
  return i < steps ? from + (to - from) * i / Math.max(steps - 1, 1) : to;
}

/** s_i for i in [0, steps). */
export function cosine(
  i: number,
  { base, end, steps }: { readonly base: number; readonly end: number; readonly steps: number },
): number {
  return end + (base - end) * (1 + Math.cos(Math.PI * i / steps)) / 2;
}
