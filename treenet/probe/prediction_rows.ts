/**
 * The predictions of several probes as the rows of one matrix: a row for each classifier that differs, with
 * all that it stands for.
 *
 * @module
 */
import type { Judged } from "./evaluation.ts";

/** Meaning of a row. */
export interface PredictionRow<Of = string> {
  /** Name of the features and of the probe. */
  readonly of: Of;
  /** True if the probe's result is this row's accuracy. */
  readonly reported: boolean;
  /** Numbers of the probe's repetitions that gave these classes. */
  readonly repetitions: readonly number[];
}

/** A probe's predicted classes; without those of a reported classifier where the result is a mean. */
export type Predicted = Pick<Judged<unknown>, "repetitions"> & Partial<Pick<Judged<unknown>, "predictions">>;

/** Meaning of each row, and the rows' classes side by side, [rows, n]. */
export function predictionRows<Of>(
  probes: readonly (readonly [Of, Predicted])[],
): { readonly rows: readonly PredictionRow<Of>[]; readonly data: Uint8Array } {
  const found = probes.flatMap(([of, { predictions, repetitions }]) =>
    distinct([...predictions === undefined ? [] : [predictions], ...repetitions])
      .map((classes) => ({
        classes,
        row: {
          of,
          reported: predictions !== undefined && isEqual(predictions, classes),
          repetitions: [...repetitions.keys()].filter((at) => isEqual(repetitions[at], classes)),
        },
      }))
  );
  return {
    rows: found.map(({ row }) => row),
    data: Uint8Array.from(found.flatMap(({ classes }) => [...classes])),
  };
}

/** The inverse: the predicted classes of each probe, by its name. */
export function predictedBy<Of>(
  rows: readonly PredictionRow<Of>[],
  classes: readonly Uint8Array[],
): ReadonlyMap<Of, Predicted> {
  const found = new Map<Of, { predictions?: Uint8Array; readonly repetitions: Uint8Array[] }>();
  for (const [at, { of, reported, repetitions }] of rows.entries()) {
    const probe = found.get(of) ?? { repetitions: [] };
    if (reported) probe.predictions = classes[at];
    for (const repetition of repetitions) probe.repetitions[repetition] = classes[at];
    found.set(of, probe);
  }
  return found;
}

function distinct(all: readonly Uint8Array[]): readonly Uint8Array[] {
  return all.filter((one, at) => all.findIndex((other) => isEqual(one, other)) === at);
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((value, i) => value === b[i]);
}
