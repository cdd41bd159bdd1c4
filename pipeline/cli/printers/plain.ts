/**
 * Plain lines, where there is no terminal: a log file, a CI job.
 *
 * @module
 */
import type { Printer } from "../../run/events.ts";
import { linesOf, progressText } from "./text.ts";

/** Progress is printed at most this often a task, in ms. */
const INTERVAL = 10_000;

/** One line an event. */
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
