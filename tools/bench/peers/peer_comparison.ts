/**
 * One part of the benchmark, and the measurement of both sides.
 *
 * @module
 */
import type { Entry, Runs } from "./peer_entry.ts";

export interface Options {
  /** True where an entry of this name is requested. */
  readonly wanted: (name: string) => boolean;
  /** Measurements of either side. */
  readonly runs: number;
  /** Only this backend, where several compute the same. */
  readonly backend?: string;
  /** Reports each comparison that is left out, with the reason. */
  readonly notice: (text: string) => void;
}

/** One or more entries that are measured together. */
export interface Comparison {
  /** Names of all its entries. */
  readonly names: readonly string[];
  readonly run: (options: Options) => AsyncIterable<Entry>;
  /** The peers' versions, by name. */
  readonly versions: () => Promise<Readonly<Record<string, string>>>;
}

/** Measures each side once a turn, in the order given, so that other work on the machine affects all alike. */
export async function byTurns<Side extends string, Measured>(
  turns: number,
  sides: Readonly<Record<Side, () => Promise<Measured>>>,
): Promise<Readonly<Record<Side, readonly Measured[]>>> {
  const names = Object.keys(sides) as Side[];
  const found = Object.fromEntries(names.map((name) => [name, [] as Measured[]])) as Record<Side, Measured[]>;
  for (let turn = 0; turn < turns; turn++) {
    for (const name of names) found[name].push(await sides[name]());
  }
  return found;
}

/** One of the numbers that each measurement of both sides gave. */
export function runsOf(
  measured: Readonly<Record<"ours" | "peer", readonly Readonly<Record<string, number>>[]>>,
  name: string,
): Runs {
  const [ours, peer] = [measured.ours, measured.peer].map((all) => all.map((one) => one[name]));
  return { ours, peer };
}
