/**
 * Prints plain lines where there is no terminal: in a log file or a CI job.
 *
 * @module
 */
import type { Printer } from "../../run/events.ts";
import { linesOf, progressText } from "./text.ts";

/** Shortest time between two progress lines of a task, ms. */
const INTERVAL = 10_000;

/** Prints the lines of each event. */
export function plainPrinter(write: (line: string) => void = console.log): Printer {
  const last = new Map<string, number>();
  return {
    print: (event) => {
      if (event.type === "start") last.set(event.id, performance.now());
      if (event.type === "progress" && performance.now() - (last.get(event.id) ?? 0) >= INTERVAL) {
        last.set(event.id, performance.now());
        write(`        ${event.id} ${progressText(event)}`);
      }
      linesOf(event).forEach((line) => write(line));
    },
    close: () => {},
  };
}
