/**
 * The log of a run: one row a step.
 *
 * @module
 */
import type { BatchResult, GradientOptions } from "./gradients.ts";
import { featureSd, rankMe } from "./health.ts";
import type { Rates } from "./schedule.ts";

/** Measurements of a step; numbers are of the batch before its update, NaN where they were not measured. */
export interface LogRow {
  /** Counted from 1. */
  readonly step: number;
  /** Source images seen, this step's included. */
  readonly images: number;
  /** The method's loss without penalties: nats, or a squared distance. */
  readonly loss: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly momentum: number;
  /** Nats, at most ln K; of methods with distributions. */
  readonly teacherEntropy: number;
  /** Nats: loss − teacher entropy; of methods with distributions. */
  readonly kl: number;
  /** 0 … 1, see {@linkcode featureSd}. */
  readonly featureSd: number;
  /** {@linkcode rankMe} of the teacher's embeddings of the batch; every {@linkcode RANK_EVERY} steps from the first. */
  readonly rankMe: number;
  /** {@linkcode leafCosines} of the student; for nets with more than one leaf. */
  readonly leafCosine: number;
}

/** Steps from one measurement of the rank to the next. */
const RANK_EVERY = 10;

/** Describes a batch before its update; `step` is counted from 1. */
export function rowOf(
  { loss, entropy, embeddings, leafCosine }: BatchResult,
  { learningRate, weightDecay, momentum }: Rates,
  { step, batch, network }: GradientOptions & { readonly step: number },
): LogRow {
  const { size } = network.encoder;
  return {
    step,
    images: step * batch,
    loss,
    learningRate,
    weightDecay,
    momentum,
    teacherEntropy: entropy,
    kl: loss - entropy,
    featureSd: featureSd(embeddings, size),
    rankMe: (step - 1) % RANK_EVERY === 0 ? rankMe(embeddings, size) : NaN,
    leafCosine,
  };
}
