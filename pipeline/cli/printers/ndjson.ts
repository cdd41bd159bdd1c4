/**
 * Prints events as newline-delimited JSON on stdout, for programs.
 *
 * @module
 */
import type { Printer } from "../../run/events.ts";

/** Prints one event a line, and nothing else. */
export function ndjsonPrinter(): Printer {
  return { print: (event) => console.log(JSON.stringify(event)), close: () => {} };
}
