/**
 * Self-distillation without labels (DINO; Caron et al., 2021; BYOL; Grill et al., 2020): the training loop.
 *
 * A step shows the student all views of a batch and the teacher the global ones; the student moves, by AdamW, towards
 * what the teacher says of another view, in the way of a {@linkcode Method}; the teacher follows as the moving average of
 * the student.
 *
 * Everything that step i + 1 depends on is in {@linkcode State}, and every random draw depends on the step alone: a run
 * that starts from a saved state ends with the same bits as one that was never stopped.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Views } from "./augment/views.ts";
import { clip } from "./clip.ts";
import type { BatchResult } from "./batch_result.ts";
import { batchGradients, type GradientOptions } from "./gradients.ts";
import { featureSd, findNotFinite, type Illness } from "./health.ts";
import { LOOPS } from "./loops.ts";
import { type Temperatures, updateCentre } from "./loss.ts";
import { ENCODER, type Network } from "./network.ts";
import { copyWeights, initialise, isTrained, type Weights, within, zerosLike } from "./parameters.ts";
import { rankMe } from "./rankme.ts";
import { type Rates, ratesAt, type ScheduleOptions, warmedUp } from "./schedule.ts";
import type { Ops } from "./types.ts";

/** All that a run carries from step to step; updated in place. */
export interface State {
  /** Steps done. */
  step: number;
  readonly student: Weights;
  readonly teacher: Weights;
  /** AdamW's moments. */
  readonly first: Weights;
  readonly second: Weights;
  /** Room for a step's gradients, see {@linkcode share}; nothing in it is carried on. */
  readonly gradients?: Weights;
  /** c, [K]; empty for a method without one. */
  readonly centre: Float32Array;
  /** One row a step. */
  readonly log: LogRow[];
  /** In the order of their steps. */
  readonly snapshots: Snapshot[];
}

/** The teacher's encoder on the way. */
export interface Snapshot {
  /** Steps done. */
  readonly step: number;
  /** Names without `encoder.`. */
  readonly encoder: Weights;
}

/** What is known after a step; numbers are of the batch before its update, NaN where they were not measured. */
export interface LogRow {
  /** Counted from 1. */
  readonly step: number;
  /** Source images seen, this step's included. */
  readonly images: number;
  /** Of the method, without penalties: nats for DINO, a squared distance for BYOL. */
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
  /** Of the teacher's embeddings of the batch, see {@linkcode rankMe}; every {@linkcode RANK_EVERY} steps from the first. */
  readonly rankMe: number;
  /** Of the student's leaves, see {@linkcode leafCosines}; of nets with more than one. */
  readonly leafCosine: number;
}

/** Steps from one measurement of the rank to the next. */
export const RANK_EVERY = 10;

/** The rules of a run. */
export interface TrainOptions extends GradientOptions {
  readonly schedule: ScheduleOptions;
  readonly centreMomentum: number;
  /** The teacher's temperature starts at `from` and comes to its own linearly over `steps`. @default none */
  readonly teacherTemperatureWarmup?: { readonly from: number; readonly steps: number };
  /** L2 norm. */
  readonly clip: number;
  /** Stops when this many steps are done. */
  readonly until: number;
  /** Keeps a snapshot when so many steps are done. @default none */
  readonly snapshots?: readonly number[];
  /** Views of the batch of step i, counted from 0. */
  readonly views: (step: number) => Promise<Views>;
}

/** A run that cannot go on; its state is as it was before the step that showed it. */
export class SickRun extends Error {
  constructor(readonly step: number, readonly illness: Illness) {
    super(`Training is not finite at step ${step}: ${illness.found}`);
    this.name = "SickRun";
  }
}

/** Student and teacher equal, moments and centre zero. */
export function newState({ specs, teacherSpecs, objective }: Network, seed: number): State {
  return {
    step: 0,
    student: initialise(specs, seed),
    teacher: initialise(teacherSpecs, seed),
    first: zerosLike(specs.filter(isTrained)),
    second: zerosLike(specs.filter(isTrained)),
    centre: new Float32Array(objective.centreSize),
    log: [],
    snapshots: [],
  };
}

/**
 * The state, in arrays over which the backend's loops use all threads, and which stay until the backend closes or
 * {@linkcode unshare}; as it is if it is too large for them.
 */
export function share(state: State, { arrays }: Pick<Ops, "arrays">): State {
  const { student, teacher, first, second } = state;
  if (arrays === undefined || bytesOf([student, teacher, first, second, first]) > arrays.limit) return state;
  const made: Float32Array[] = [];
  const copy = (weights: Weights) =>
    copyWeights(weights, (length) => {
      const zeros = arrays.zeros(length);
      made.push(zeros);
      return zeros;
    });
  try {
    return {
      ...state,
      student: copy(student),
      teacher: copy(teacher),
      first: copy(first),
      second: copy(second),
      gradients: copy(first), // as large
    };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    for (const array of made) arrays.free(array); // memory is short: activations need it more
    return state;
  }
}

/** Gives back what {@linkcode share} took for a state, which cannot be used any more. */
export function unshare(
  { student, teacher, first, second, gradients }: State,
  { arrays }: Pick<Ops, "arrays">,
): void {
  if (gradients === undefined) return; // it was not shared
  for (const weights of [student, teacher, first, second, gradients]) {
    for (const array of Object.values(weights)) arrays?.free(array);
  }
}

function bytesOf(weights: readonly Weights[]): number {
  return weights.flatMap(Object.values<Float32Array>).reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** Trains `state` in place, a step at a time; each step yields its row of the log. Throws {@linkcode SickRun}. */
export async function* train(state: State, options: TrainOptions): AsyncGenerator<LogRow, void, void> {
  let tensors: number | undefined;
  while (state.step < options.until) {
    const rates = ratesAt(state.step, options.schedule);
    const views = await options.views(state.step);
    const temperatures = temperaturesAt(state.step, options);
    const result = await batchGradients(state, views, { ...options, temperatures });
    const norms = clipAll(result.gradients, options);
    const row = describe(result, { step: state.step + 1, rates, options });
    stopIf(findNotFinite(row, norms), row.step);

    updateStudent(state, result, { rates, options });
    updateTeacher(state, result, { rates, options });
    updateCentre(state.centre, result.outputs, options.centreMomentum);
    state.step++;
    state.log.push(row);
    if (options.snapshots?.includes(state.step)) state.snapshots.push(snapshotOf(state));
    checkTensors(tensors ??= tf.memory().numTensors);
    yield row;
  }
}

function temperaturesAt(
  step: number,
  { temperatures, teacherTemperatureWarmup: warmup }: TrainOptions,
): Temperatures {
  if (warmup === undefined) return temperatures;
  return { ...temperatures, teacher: warmedUp(step, { ...warmup, to: temperatures.teacher }) };
}

function snapshotOf({ step, teacher }: State): Snapshot {
  return { step, encoder: copyWeights(within(teacher, ENCODER)) };
}

/** @returns the norms before clipping, by parameter */
function clipAll(
  gradients: Weights,
  { network, ops, clip: limit }: TrainOptions,
): ReadonlyMap<string, number> {
  const { loops = LOOPS } = ops;
  return new Map(
    network.specs.filter(isTrained).map(({ name, groups }) => {
      return [name, Math.hypot(...clip(gradients[name], { limit, groups, loops }))];
    }),
  );
}

function describe(
  { loss, entropy, embeddings, leafCosine }: BatchResult,
  { step, rates, options }: { readonly step: number; readonly rates: Rates; readonly options: TrainOptions },
): LogRow {
  const { learningRate, weightDecay, momentum } = rates;
  const { size } = options.network.encoder;
  return {
    step,
    images: step * options.batch,
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

function updateStudent(
  { step, student, first, second }: State,
  { gradients, buffers }: BatchResult,
  { rates, options }: { readonly rates: Rates; readonly options: TrainOptions },
): void {
  const { network: { specs, frozen }, ops: { loops = LOOPS } } = options;
  for (const { name, decay } of specs.filter(isTrained)) {
    if (name === frozen && rates.frozen) continue;
    const skipped = name === frozen ? options.schedule.freezeSteps : 0;
    loops.adamw({ weights: student[name], first: first[name], second: second[name] }, gradients[name], {
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
  { rates, options }: { readonly rates: Rates; readonly options: TrainOptions },
): void {
  const { network, ops: { loops = LOOPS } } = options;
  for (const { name } of network.teacherSpecs.filter(isTrained)) {
    loops.ema(teacher[name], student[name], rates.momentum);
  }
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
