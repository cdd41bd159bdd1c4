/**
 * Findings of the doctor, as data.
 *
 * @module
 */
import type { Choice } from "../../../pipeline/backend.ts";

/** One finding. */
export interface Check {
  readonly name: string;
  /** State; `note` is neither good nor bad. */
  readonly state: "ok" | "note" | "missing" | "damaged";
  /** Finding in words. */
  readonly found: string;
  /** Next step, if one is needed. */
  readonly next?: string;
}

/** All findings. */
export interface Report {
  readonly checks: readonly Check[];
  /** Choice of `--backend auto`. */
  readonly auto: Choice;
  /** Backend without a flag; `runs` is true if it works. */
  readonly default: { readonly backend: string; readonly runs: boolean };
}

/** Lines of the report for people. */
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
