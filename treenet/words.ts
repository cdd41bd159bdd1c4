/**
 * Text for people in files that are part of a key: the key blanks what this tag holds, so that a corrected description
 * or title reruns nothing.
 *
 * @module
 */

/**
 * Joins a template as an untagged one would.
 *
 * @example
 * ```ts
 * import { words } from "./words.ts";
 *
 * words`Width of the ${"hidden"} layers`; // "Width of the hidden layers"
 * ```
 */
export function words(strings: TemplateStringsArray, ...values: unknown[]): string {
  return strings.reduce((text, string, i) => text + String(values[i - 1]) + string);
}
