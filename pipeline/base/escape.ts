/**
 * Makes text safe for a terminal: no control sequence, nothing that hides or reorders text beside it. Text
 * from archives, logs, files and other programs must not draw on the user's screen.
 *
 * @module
 */

/** Control and format characters, line separators and lone surrogates, except line breaks and tabs. */
const UNSAFE = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Text with `\u001b` in the place of what a terminal would obey: JSON stays the same value.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(printable("a\x1b[2Jb"), "a\\u001b[2Jb");
 * ```
 */
export function printable(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(UNSAFE, escaped);
}

/** Safe text on one line. */
export function inLine(text: string): string {
  return printable(text).replace(/[\n\t]/g, escaped);
}

function escaped(character: string): string {
  return character.split("").map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
}

const METHODS = ["log", "error", "warn", "info", "debug"] as const;
const guarded = new Set<unknown>();

/** Makes the console print safe text only, for every later caller. */
export function guardConsole(): void {
  for (const method of METHODS) {
    const original = console[method];
    if (guarded.has(original)) continue;
    console[method] = (...values: unknown[]) =>
      original(
        values.map((value) => printable(typeof value === "string" ? value : Deno.inspect(value))).join(" "),
      );
    guarded.add(console[method]);
  }
}
