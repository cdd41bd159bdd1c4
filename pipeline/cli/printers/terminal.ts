/**
 * Prints to a terminal: lines scroll above one progress bar for every running task.
 *
 * @module
 */
import type { Event, Printer } from "../../run/events.ts";
import { inLine, printable } from "../../base/escape.ts";
import { linesOf, progressText } from "./text.ts";

const ESC = "\x1b[";
const WIDTH = 24;

type Progress = Event & { readonly type: "progress" };

/** The terminal's output and width. */
export interface Terminal {
  readonly write: (text: string) => void;
  /** Characters in a line. */
  readonly columns: () => number;
}

/** Draws to stdout by default; `close` leaves the cursor below the last line. */
export function terminalPrinter(terminal: Terminal = { write: writeOut, columns }): Printer {
  const screen = new Screen(terminal);
  return {
    print: (event) => screen.show(event),
    close: () => screen.redraw([], []),
  };
}

class Screen {
  /** Progress of each running task by its id; undefined before its first report. */
  readonly #bars = new Map<string, Progress | undefined>();
  readonly #terminal: Terminal;
  #drawn = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  show(event: Event): void {
    if (event.type === "start") this.#bars.set(event.id, undefined);
    if (event.type === "progress") this.#bars.set(event.id, event);
    if (event.type === "built" || event.type === "failed" || event.type === "checked") {
      this.#bars.delete(event.id);
    }
    if (event.type === "stopped") this.#bars.clear();
    this.redraw(linesOf(event), [...this.#bars].map(([id, progress]) => bar(id, progress)));
  }

  /** Erases the bars, prints the lines, draws the bars again. */
  redraw(lines: readonly string[], bars: readonly string[]): void {
    const up = this.#drawn > 0 ? `${ESC}${this.#drawn}A\r${ESC}J` : "";
    const text = [...lines, ...bars.map((line) => fitted(inLine(line), this.#terminal.columns()))].map((
      line,
    ) => `${printable(line)}\n`).join("");
    this.#drawn = bars.length;
    if (up !== "" || text !== "") this.#terminal.write(up + text);
  }
}

function bar(id: string, progress: Progress | undefined): string {
  if (progress === undefined) return `  ${" ".repeat(WIDTH)} ${id}`;
  const share = progress.total > 0 ? Math.min(1, progress.done / progress.total) : 0;
  const filled = Math.round(share * WIDTH);
  return `  ${"█".repeat(filled)}${"░".repeat(WIDTH - filled)} ${id} ${progressText(progress)}`;
}

/** Cuts a line to the terminal's width, as a wrapped line could not be erased. */
function fitted(line: string, columns: number): string {
  return line.length < columns ? line : `${line.slice(0, columns - 2)}…`;
}

function writeOut(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}

/** The terminal's width; some terminals report 0. */
function columns(): number {
  try {
    return Deno.consoleSize().columns || 80;
  } catch {
    return 80;
  }
}
