/**
 * Errors that callers catch, and the messages of all others.
 *
 * @module
 */
import { cut } from "./quantities.ts";

/** A request that cannot be met as written: an unknown name, a misspelt field, a bad value. Exit code 2. */
export class UsageError extends Error {
  /** For `error.name`. */
  override readonly name = "UsageError";
}

/** Another engine uses the store. Exit code 1. */
export class StoreBusyError extends Error {
  override readonly name = "StoreBusyError";
}

/** One file cannot be read; nothing else is wrong. */
export class UnreadableError extends Error {
  override readonly name = "UnreadableError";
  /** Absolute path of the file. */
  readonly path: string;
  /** The state found, in words: `gone`, `a folder, expected a file`, `Permission denied (os error 13)`. */
  readonly problem: string;

  constructor(path: string, problem: string) {
    super(`Cannot read ${path}: ${problem}`);
    [this.path, this.problem] = [path, problem];
  }
}

/** The most characters of a message; the log holds the rest. */
const LONGEST = 2000;

/** The message of any thrown value with its causes, without repetitions. */
export function messageOf(error: unknown): string {
  const said: string[] = [];
  for (const text of textsOf(error, new Set())) {
    if (said.some((before) => says(before, text))) continue;
    if (said.length > 0 && says(text, said[said.length - 1])) said.pop();
    said.push(text);
  }
  return cut(said.join(": "), LONGEST);
}

/** True where the text contains the part as whole words. */
function says(text: string, part: string): boolean {
  const isInWord = (at: number) => /\w\w/.test(text.slice(at - 1, at + 1));
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
    if (!isInWord(at) && !isInWord(at + part.length)) return true;
  }
  return false;
}

/** The message of an error, then those of its causes and of the errors that it combines. */
function* textsOf(error: unknown, seen: Set<unknown>): Generator<string> {
  if (seen.has(error)) return;
  seen.add(error);
  yield ownText(error);
  if (error instanceof AggregateError) { for (const each of error.errors) yield* textsOf(each, seen); }
  if (error instanceof Error && error.cause !== undefined) yield* textsOf(error.cause, seen);
}

function ownText(error: unknown): string {
  if (typeof error === "string") return tidied(error) || "it failed without a reason";
  if (typeof error !== "object" || error === null) {
    return error === undefined || error === null ? "it failed without a reason" : String(error);
  }
  if (isTooLarge(error)) return `it needs more memory than a process can have (${error.message})`;
  if (isBug(error)) return bug(error);
  const { message, name } = error as { readonly message?: unknown; readonly name?: unknown };
  if (typeof message === "string" && message !== "") return tidied(message);
  if (error instanceof AggregateError) return "several things failed";
  return error instanceof Error ? `it failed without a reason (${name})` : Deno.inspect(error);
}

/** The text in one paragraph, without the stack trace and final period that Deno adds. */
function tidied(text: string): string {
  return text.replace(/\s*Stack backtrace:[^]*$/, "").replace(/\n\s*\n/g, "\n").trim().replace(
    /(?<!\.)\.$/,
    "",
  );
}

/** Messages of the language for errors that a program should have prevented. */
const BUGS =
  /^Cannot (read|set) propert|^Cannot (convert|destructure|access|use 'in')|^Maximum call stack| is not (a function|iterable|a constructor|defined|extensible)\b|^Reduce of empty|(offset|index|precision).* out of (bounds|range)|circular structure/;

/** True for an array that no machine has memory for, which bad settings can request. */
function isTooLarge(error: unknown): error is RangeError {
  return error instanceof RangeError &&
    /^(Invalid (array|typed array|string) length|Array buffer allocation failed|Array size exceeds)/.test(
      error.message,
    );
}

/** True for a fault of the program itself, whose message does not help the user. */
export function isBug(error: unknown): error is Error {
  return [TypeError, RangeError, ReferenceError].some((kind) => error instanceof kind) &&
    BUGS.test((error as Error).message);
}

function bug({ name, stack = "" }: Error): string {
  const place =
    /\(?(?:file:\/\/)?\S*?((?:formats|pipeline|stages|treenet|workflow|node_modules|npm)\/[^\s()]*?:\d+):\d+\)?/
      .exec(stack)?.[1];
  return `This is a bug (a ${name}${place ? ` at ${place}` : ""}): ` +
    "run it again with PIPELINE_DEBUG=1 for the whole story, and report that";
}
