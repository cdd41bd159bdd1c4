/**
 * One line of `deno task bench:peers`: our result, a peer's, and their ratio.
 *
 * @module
 */

/** A rate, for which more is better, or a time, for which less is better. */
export type Unit = "images/s" | "s";

/** The subject of a comparison. */
export interface Subject {
  /** Name for `--only`, such as `train-step/dense-join-8`. */
  readonly name: string;
  /** The backend that computes our side. */
  readonly backend: string;
  /** Rounding of our numbers. */
  readonly mode: string;
  readonly unit: Unit;
  /** The peer and its variant. */
  readonly against: string;
  /** Facts beside the numbers, such as how good both results are. */
  readonly note?: string;
}

/** Measurements of either side, by turns. */
export interface Runs {
  readonly ours: readonly number[];
  readonly peer: readonly number[];
}

/** One comparison. `ours` and `peer` are medians. */
export interface Entry extends Subject {
  readonly ours: number;
  readonly peer: number;
  /** Our speed over the peer's; above 1 we are faster. */
  readonly ratio: number;
  readonly runs: Runs;
}

const DIGITS = 4;

/** Medians and their ratio. */
export function entryOf(subject: Subject, runs: Runs): Entry {
  const [ours, peer] = [median(runs.ours), median(runs.peer)];
  const ratio = subject.unit === "s" ? peer / ours : ours / peer;
  return {
    ...subject,
    ours: rounded(ours),
    peer: rounded(peer),
    ratio: Number(ratio.toFixed(3)),
    runs: { ours: runs.ours.map(rounded), peer: runs.peer.map(rounded) },
  };
}

/** The entry for a terminal. */
export function lineOf({ name, backend, mode, ours, peer, ratio, unit, against, note, runs }: Entry): string {
  return `${name.padEnd(36)} ${`${backend}, ${mode}`.padEnd(24)} ${ratio.toFixed(2)}×  ` +
    `${ours} ${spreadOf(runs.ours)} against ${peer} ${spreadOf(runs.peer)} ${unit} of ${against}` +
    (note === undefined ? "" : `; ${note}`);
}

/** "(least–most)" */
export function spreadOf(values: readonly number[]): string {
  return `(${Math.min(...values)}–${Math.max(...values)})`;
}

/** The middle one; the upper of two. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

function rounded(value: number): number {
  return Number(value.toPrecision(DIGITS));
}
