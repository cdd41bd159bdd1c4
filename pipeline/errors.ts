/**
 * The errors somebody catches.
 *
 * @module
 */

/** What was asked cannot be done as asked: an unknown name, a misspelt field, a bad value. Exit code 2. */
export class UsageError extends Error {
  /** For `error.name`. */
  override readonly name = "UsageError";
}

/** The store is in use by another engine. Exit code 1. */
export class StoreBusyError extends Error {
  override readonly name = "StoreBusyError";
}

/** One file cannot be read, and that is all that is wrong. */
export class UnreadableError extends Error {
  override readonly name = "UnreadableError";
  /** Absolute. */
  readonly path: string;
  /** What is there instead, in words: `gone`, `a folder, expected a file`, `Permission denied (os error 13)`. */
  readonly problem: string;

  constructor(path: string, problem: string) {
    super(`Cannot read ${path}: ${problem}`);
    [this.path, this.problem] = [path, problem];
  }
}

/** The text of anything thrown, with its causes. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${messageOf(error.cause)}`;
}
