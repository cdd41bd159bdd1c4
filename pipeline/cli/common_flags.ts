/**
 * Flags that several commands share, and helpers for their values.
 *
 * @module
 */
import { type Engine, openEngine } from "../plan/engine.ts";
import { UsageError } from "../base/errors.ts";
import type { Flags, ParsedFlags, Pipeline } from "../workflow.ts";
import { DEFAULT_PROFILE } from "../tasks/profile.ts";
import { inLine } from "../base/escape.ts";

export { DEFAULT_PROFILE };

/** Flags that select the profile. */
export const profileFlags = {
  profile: {
    type: "text",
    value: "P",
    help: `profile to use, by its name or path: P or profiles/P.json (default ${DEFAULT_PROFILE})`,
  },
  set: {
    type: "list",
    value: "K=V",
    help: "override a field of the profile, as train.epochs=3; may be repeated",
  },
  sweep: {
    type: "list",
    value: "K=V,W",
    help:
      "run every value of a field, as train.method=dino,byol, side by side; may be repeated, for all combinations",
  },
} as const satisfies Flags;

/** Flags that select the numeric environment. */
export const environmentFlags = {
  backend: {
    type: "text",
    value: "B",
    help: "numeric backend; naming one demands artifacts made by it, auto takes the best there is",
  },
  strict: { type: "switch", help: "demand artifacts of this numeric environment" },
} as const satisfies Flags;

export const jsonFlag = { json: { type: "switch", help: "write JSON to stdout" } } as const satisfies Flags;

/** The engine for the shared flags. */
export function engineOf(pipeline: Pipeline, { text, lists, on }: ParsedFlags): Promise<Engine> {
  return openEngine(pipeline, {
    profile: text.profile ?? DEFAULT_PROFILE,
    overrides: lists.set,
    sweeps: lists.sweep,
    backend: text.backend,
    strict: on.strict,
  });
}

/** The value of `--digest`. Throws a UsageError for anything but an archive's digest. */
export function digestGiven(text: string | undefined): string | undefined {
  if (text === undefined || /^[0-9a-f]{64}$/.test(text)) return text;
  throw new UsageError(`Cannot use --digest ${text}: expected 64 hex digits`);
}

/** Prints lines; a line break in quoted text is escaped, so that it cannot start a line of its own. */
export function printLines(lines: readonly string[]): void {
  console.log(lines.map(inLine).join("\n"));
}

export function printJson(value: unknown): void {
  console.log(JSON.stringify(value, null, 2));
}

/** True where a user is at a terminal. */
export function canAsk(): boolean {
  return Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
}

/** Asks a question; returns false where no user can answer. */
export async function confirmed(question: string): Promise<boolean> {
  if (!canAsk()) return false;
  await Deno.stdout.write(new TextEncoder().encode(inLine(`${question} [y/N] `)));
  const answer = new Uint8Array(64);
  const length = await Deno.stdin.read(answer) ?? 0;
  return /^\s*y/i.test(new TextDecoder().decode(answer.subarray(0, length)));
}
