/**
 * The state of a run: all that step i + 1 depends on, so that a run that starts from a saved state ends with the same bits
 * as one that was never stopped.
 *
 * @module
 */
import type { LogRow } from "./log.ts";
import { ENCODER, type Network } from "./network.ts";
import { copyWeights, initialise, isTrained, type Weights, within, zerosLike } from "./nn/parameters.ts";
import type { Ops } from "./nn/types.ts";

/** State of a run, updated in place. */
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
  /** The method's own. */
  readonly method: Weights;
  /** One row a step. */
  readonly log: LogRow[];
  /** Snapshots in the order of their steps. */
  readonly snapshots: Snapshot[];
}

/** The teacher's encoder on the way. */
export interface Snapshot {
  /** Steps done. */
  readonly step: number;
  /** Names without `encoder.`. */
  readonly encoder: Weights;
}

/** The state before the first step: student and teacher are equal, moments are zero. */
export function newState({ specs, teacherSpecs, objective }: Network, seed: number): State {
  return {
    step: 0,
    student: initialise(specs, seed),
    teacher: initialise(teacherSpecs, seed),
    first: zerosLike(specs.filter(isTrained)),
    second: zerosLike(specs.filter(isTrained)),
    method: objective.init(),
    log: [],
    snapshots: [],
  };
}

/** Copies the teacher's encoder. */
export function snapshotOf({ step, teacher }: State): Snapshot {
  return { step, encoder: copyWeights(within(teacher, ENCODER)) };
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
