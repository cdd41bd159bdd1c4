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

/** The text of anything thrown, with its causes. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${messageOf(error.cause)}`;
}
