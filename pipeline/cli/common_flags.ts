/**
 * Flags that several commands share, and what they mean.
 *
 * @module
 */
import { type Engine, openEngine } from "../plan/engine.ts";
import { UsageError } from "../base/errors.ts";
import type { Pipeline } from "../workflow.ts";
import { DEFAULT_PROFILE } from "../tasks/profile.ts";
import { inLine } from "../base/escape.ts";
import type { Flags, ParsedFlags } from "../workflow.ts";

export { DEFAULT_PROFILE };

/** Which experiment. */
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
} as const satisfies Flags;

/** Which numbers serve. */
export const environmentFlags = {
  backend: {
    type: "text",
    value: "B",
    help: "numeric backend; naming one demands artifacts made by it, auto takes the best there is",
  },
  strict: { type: "switch", help: "demand artifacts of this numeric environment" },
} as const satisfies Flags;

export const jsonFlag = { json: { type: "switch", help: "write JSON to stdout" } } as const satisfies Flags;

/** The engine that the shared flags ask for. */
export function engineOf(pipeline: Pipeline, { text, lists, on }: ParsedFlags): Promise<Engine> {
  return openEngine(pipeline, {
    profile: text.profile ?? DEFAULT_PROFILE,
    overrides: lists.set,
    backend: text.backend,
    strict: on.strict,
  });
}

/** What `--digest` says. Throws a UsageError for what cannot be the digest of an archive. */
export function digestGiven(text: string | undefined): string | undefined {
  if (text === undefined || /^[0-9a-f]{64}$/.test(text)) return text;
  throw new UsageError(`Cannot use --digest ${text}: expected 64 hex digits`);
}

/** Lines of which none can begin another: what they quote may have a line break. */
export function printLines(lines: readonly string[]): void {
  console.log(lines.map(inLine).join("\n"));
}

export function printJson(value: unknown): void {
  console.log(JSON.stringify(value, null, 2));
}

/** Somebody sits at a terminal. */
export function canAsk(): boolean {
  return Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
}

/** Asks; false where there is nobody to ask. */
export async function confirmed(question: string): Promise<boolean> {
  if (!canAsk()) return false;
  await Deno.stdout.write(new TextEncoder().encode(inLine(`${question} [y/N] `)));
  const answer = new Uint8Array(64);
  const length = await Deno.stdin.read(answer) ?? 0;
  return /^\s*y/i.test(new TextDecoder().decode(answer.subarray(0, length)));
}
