/**
 * Self-distillation without labels: the training loop.
 *
 * A step shows the student all views of a batch and the teacher the global ones; the student moves, by AdamW, towards
 * what the teacher says of another view, in the way of a {@linkcode Method}; the teacher follows as the moving average of
 * the student. Every random draw depends on the step alone.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Views } from "./augment/make_views.ts";
import { batchGradients, type BatchResult, type GradientOptions } from "./gradients.ts";
import { findNotFinite, type Illness } from "./health.ts";
import { type LogRow, rowOf } from "./log.ts";
import { ENCODER } from "./network.ts";
import { clipAll, LOOPS } from "./optimiser.ts";
import { isTrained, type Weights } from "./nn/parameters.ts";
import { type Rates, ratesAt, type ScheduleOptions } from "./schedule.ts";
import { snapshotOf, type State } from "./state.ts";

/** The rules of a run. */
export interface TrainOptions extends GradientOptions {
  readonly schedule: ScheduleOptions;
  /** Largest L2 norm of a parameter's gradient. */
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

/** Trains `state` in place, a step at a time; each step yields its row of the log. Throws {@linkcode SickRun}. */
export async function* train(state: State, options: TrainOptions): AsyncGenerator<LogRow, void, void> {
  const { network, ops: { loops = LOOPS }, clip, until } = options;
  const trained = network.specs.filter(isTrained);
  let tensors: number | undefined;
  while (state.step < until) {
    const rates = ratesAt(state.step, options.schedule);
    const views = await options.views(state.step);
    const batch = await batchGradients(state, views, options);
    const norms = clipAll(batch.gradients, trained, { limit: clip, loops });
    const row = rowOf(batch, rates, { ...options, step: state.step + 1 });
    const illness = findNotFinite(row, norms);
    if (illness !== undefined) throw new SickRun(row.step, illness);

    updateStudent(state, batch, { rates, options });
    updateTeacher(state, batch, { rates, options });
    network.objective.update(state.method, batch.means);
    state.step++;
    state.log.push(row);
    if (options.snapshots?.includes(state.step)) state.snapshots.push(snapshotOf(state));
    checkTensors(tensors ??= tf.memory().numTensors);
    yield row;
  }
}

/** One step's rates, and the rules of its run. */
interface StepOptions {
  readonly rates: Rates;
  readonly options: TrainOptions;
}

/** AdamW; parameters that start frozen count their own updates. */
function updateStudent(
  { step, student, first, second }: State,
  { gradients, buffers }: BatchResult,
  { rates, options: { network: { specs, freeze }, ops: { loops = LOOPS }, schedule } }: StepOptions,
): void {
  for (const { name, decay } of specs.filter(isTrained)) {
    const frozen = freeze?.parameters.includes(name) ? freeze.steps(schedule.stepsPerEpoch) : 0;
    if (step < frozen) continue;
    loops.adamw({ weights: student[name], first: first[name], second: second[name] }, gradients[name], {
      learningRate: rates.learningRate,
      weightDecay: decay ? rates.weightDecay : 0,
      update: step + 1 - frozen,
    });
  }
  setBuffers(student, buffers.student);
}

/** Moving average of the student that was just updated. */
function updateTeacher(
  { student, teacher }: State,
  { buffers }: BatchResult,
  { rates, options: { network, ops: { loops = LOOPS } } }: StepOptions,
): void {
  for (const { name } of network.teacherSpecs.filter(isTrained)) {
    loops.ema(teacher[name], student[name], rates.momentum);
  }
  setBuffers(teacher, buffers.teacher);
}

/** Running statistics carry the encoder's own names. */
function setBuffers(weights: Weights, buffers: Weights): void {
  for (const [name, values] of Object.entries(buffers)) weights[ENCODER + name].set(values);
}

function checkTensors(expected: number): void {
  const found = tf.memory().numTensors;
  if (found > expected) {
    throw new Error(
      `Cannot go on training: a step left ${found - expected} tensors behind, report this as a bug`,
    );
  }
}
