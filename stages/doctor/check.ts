/**
 * What the doctor finds, as data.
 *
 * @module
 */
import type { Choice } from "../../pipeline/types.ts";

/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  /** `note` is neither good nor bad. */
  readonly state: "ok" | "note" | "missing" | "damaged";
  /** In words. */
  readonly found: string;
  /** What to do about it, where something is to be done. */
  readonly next?: string;
}

/** All of it. */
export interface Report {
  readonly checks: readonly Check[];
  /** What `--backend auto` takes. */
  readonly auto: Choice;
  /** The backend that is used without a flag, and whether it runs. */
  readonly default: { readonly backend: string; readonly runs: boolean };
}

/** Lines for people. */
export function tableOf({ checks, auto }: Report): readonly string[] {
  const width = Math.max(...checks.map(({ name }) => name.length)) + 2;
  return [
    ...checks.flatMap(({ name, state, found, next }) => [
      `${state.padEnd(9)}${name.padEnd(width)}${found}`,
      ...(next === undefined ? [] : [`${"".padEnd(9 + width)}→ ${next}`]),
    ]),
    `--backend auto takes ${auto.backend}: ${auto.reason}`,
  ];
}
