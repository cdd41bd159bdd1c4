/**
 * Self-distillation without labels (DINO; Caron et al., 2021): the training loop.
 *
 * A step shows the student all views of a batch and the teacher the global ones; the student moves, by AdamW, towards
 * what the teacher says of another view; the teacher follows as the moving average of the student.
 *
 * Everything that step i + 1 depends on is in {@linkcode State}, and every random draw depends on the step alone: a run
 * that starts from a saved state ends with the same bits as one that was never stopped.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Views } from "./augment/views.ts";
import { adamw } from "./adamw.ts";
import { clip } from "./clip.ts";
import { ema } from "./ema.ts";
import { batchGradients, type BatchResult, type GradientOptions } from "./gradients.ts";
import { featureSd, findCollapse, findNotFinite, type Illness, WINDOW } from "./health.ts";
import { updateCentre } from "./loss.ts";
import { ENCODER, FROZEN, type Network } from "./network.ts";
import { copyWeights, initialise, isTrained, type Weights, zerosLike } from "./parameters.ts";
import { type Rates, ratesAt, type ScheduleOptions } from "./schedule.ts";

/** All that a run carries from step to step; updated in place. */
export interface State {
  /** Steps done. */
  step: number;
  readonly student: Weights;
  readonly teacher: Weights;
  /** AdamW's moments. */
  readonly first: Weights;
  readonly second: Weights;
  /** c, [K]. */
  readonly centre: Float32Array;
  /** One row a step. */
  readonly log: LogRow[];
}

/** What is known after a step; numbers are of the batch before its update. */
export interface LogRow {
  /** Counted from 1. */
  readonly step: number;
  /** Source images seen, this step's included. */
  readonly images: number;
  /** Nats. */
  readonly loss: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly momentum: number;
  /** Nats, at most ln K. */
  readonly teacherEntropy: number;
  /** Nats: loss − teacher entropy. */
  readonly kl: number;
  /** 0 … 1, see {@linkcode featureSd}. */
  readonly featureSd: number;
}

/** The rules of a run. */
export interface TrainOptions extends GradientOptions {
  readonly schedule: ScheduleOptions;
  readonly centreMomentum: number;
  /** L2 norm. */
  readonly clip: number;
  /** Stops when this many steps are done. */
  readonly until: number;
  /** Views of the batch of step i, counted from 0. */
  readonly views: (step: number) => Promise<Views>;
}

/** A run that must not go on; its state is as it was before the step that showed it, or after a collapse. */
export class SickRun extends Error {
  constructor(readonly step: number, readonly illness: Illness) {
    super(`Training is ${illness.type.replace("-", " ")} at step ${step}: ${illness.found}`);
    this.name = "SickRun";
  }
}

/** Student and teacher equal, moments and centre zero. */
export function newState({ specs, head }: Network, seed: number): State {
  const student = initialise(specs, seed);
  return {
    step: 0,
    student,
    teacher: copyWeights(student),
    first: zerosLike(specs.filter(isTrained)),
    second: zerosLike(specs.filter(isTrained)),
    centre: new Float32Array(head.size),
    log: [],
  };
}

/** Trains `state` in place, a step at a time; each step yields its row of the log. Throws {@linkcode SickRun}. */
export async function* train(state: State, options: TrainOptions): AsyncGenerator<LogRow, void, void> {
  let tensors: number | undefined;
  while (state.step < options.until) {
    const rates = ratesAt(state.step, options.schedule);
    const views = await options.views(state.step);
    const result = await batchGradients(state, views, options);
    const norms = clipAll(result.gradients, options);
    const row = describe(result, { step: state.step + 1, rates, options });
    stopIf(findNotFinite(row, norms), row.step);

    updateStudent(state, result, { rates, options });
    updateTeacher(state, result, { rates, network: options.network });
    updateCentre(state.centre, result.outputs, options.centreMomentum);
    state.step++;
    state.log.push(row);

    if (state.step > options.schedule.warmupSteps + WINDOW) {
      stopIf(findCollapse(state.log.slice(-WINDOW), options.network.head.size), row.step);
    }
    checkTensors(tensors ??= tf.memory().numTensors);
    yield row;
  }
}

/** @returns the norms before clipping, by parameter */
function clipAll(gradients: Weights, { network, clip: limit }: TrainOptions): ReadonlyMap<string, number> {
  return new Map(
    network.specs.filter(isTrained).map(({ name, groups }) => {
      return [name, Math.hypot(...clip(gradients[name], { limit, groups }))];
    }),
  );
}

function describe(
  { loss, entropy, embeddings }: BatchResult,
  { step, rates, options }: { readonly step: number; readonly rates: Rates; readonly options: TrainOptions },
): LogRow {
  const { learningRate, weightDecay, momentum } = rates;
  return {
    step,
    images: step * options.batch,
    loss,
    learningRate,
    weightDecay,
    momentum,
    teacherEntropy: entropy,
    kl: loss - entropy,
    featureSd: featureSd(embeddings, options.network.encoder.size),
  };
}

function updateStudent(
  { step, student, first, second }: State,
  { gradients, buffers }: BatchResult,
  { rates, options }: { readonly rates: Rates; readonly options: TrainOptions },
): void {
  for (const { name, decay } of options.network.specs.filter(isTrained)) {
    if (name === FROZEN && rates.frozen) continue;
    const skipped = name === FROZEN ? options.schedule.freezeSteps : 0;
    adamw({ weights: student[name], first: first[name], second: second[name] }, gradients[name], {
      learningRate: rates.learningRate,
      weightDecay: decay ? rates.weightDecay : 0,
      update: step + 1 - skipped,
    });
  }
  setBuffers(student, buffers.student);
}

function updateTeacher(
  { student, teacher }: State,
  { buffers }: BatchResult,
  { rates, network }: { readonly rates: Rates; readonly network: Network },
): void {
  for (const { name } of network.specs.filter(isTrained)) ema(teacher[name], student[name], rates.momentum);
  setBuffers(teacher, buffers.teacher);
}

/** Running statistics carry the encoder's own names. */
function setBuffers(weights: Weights, buffers: Weights): void {
  for (const [name, values] of Object.entries(buffers)) weights[ENCODER + name].set(values);
}

function stopIf(illness: Illness | undefined, step: number): void {
  if (illness !== undefined) throw new SickRun(step, illness);
}

function checkTensors(expected: number): void {
  const found = tf.memory().numTensors;
  if (found > expected) {
    throw new Error(
      `Cannot go on training: a step left ${found - expected} tensors behind, report this as a bug`,
    );
  }
}
