/**
 * A run's state between memory and checkpoint: the same numbers, bit for bit.
 *
 * @module
 */
import { within } from "../../treenet/nn/parameters.ts";
import type { LogRow } from "../../treenet/log.ts";
import type { Snapshot, State } from "../../treenet/state.ts";
import type { Checkpoint } from "./checkpoint.ts";

const COLUMNS = [
  "step",
  "images",
  "loss",
  "learningRate",
  "weightDecay",
  "momentum",
  "teacherEntropy",
  "kl",
  "featureSd",
  "rankMe",
  "leafCosine",
] as const satisfies readonly (keyof LogRow)[];

const PARTS = ["student", "teacher", "first", "second", "method"] as const;

/** State → arrays, shared with it, not copied. */
export function toCheckpoint(state: State): Checkpoint {
  const parts = PARTS.flatMap((part) => prefixed(part, state[part]));
  const snapshots = state.snapshots.flatMap(({ step, encoder }) => prefixed(`snapshot/${step}`, encoder));
  return {
    step: state.step,
    arrays: {
      ...Object.fromEntries([...parts, ...snapshots]),
      log: Float64Array.from(state.log.flatMap((row) => COLUMNS.map((column) => row[column]))),
    },
  };
}

/** Arrays → state. */
export function fromCheckpoint({ step, arrays }: Checkpoint): State {
  const numbers = arrays as Readonly<Record<string, Float32Array>>;
  const [student, teacher, first, second, method] = PARTS.map((part) => within(numbers, `${part}/`));
  return {
    step,
    student,
    teacher,
    first,
    second,
    method,
    log: rowsOf(arrays.log),
    snapshots: snapshotsOf(numbers),
  };
}

function prefixed<T>(prefix: string, named: Readonly<Record<string, T>>): (readonly [string, T])[] {
  return Object.entries(named).map(([name, values]) => [`${prefix}/${name}`, values]);
}

function snapshotsOf(arrays: Readonly<Record<string, Float32Array>>): Snapshot[] {
  const all = within(arrays, "snapshot/");
  const steps = new Set(Object.keys(all).map((name) => Number(name.split("/")[0])));
  return [...steps].map((step) => ({ step, encoder: within(all, `${step}/`) }));
}

function rowsOf(values: ArrayLike<number>): LogRow[] {
  return Array.from({ length: values.length / COLUMNS.length }, (_, row) =>
    Object.fromEntries(
      COLUMNS.map((column, i) => [column, values[row * COLUMNS.length + i]]),
    ) as unknown as LogRow);
}
