/**
 * Events as newline-delimited JSON on stdout, for programs.
 *
 * @module
 */
import type { Printer } from "../../run/events.ts";

/** One event a line; nothing else is written to stdout. */
export function ndjsonPrinter(): Printer {
  return { print: (event) => console.log(JSON.stringify(event)), close: () => {} };
}
