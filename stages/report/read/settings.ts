/**
 * What the tasks upstream were asked to do. It is among the report's own parameters and so in its key: a parameter that
 * is changed and leaves every result as it was still changes the report.
 *
 * @module
 */
import type { Json } from "../../../pipeline/types.ts";

/** Task id → parameters, defaults resolved. */
export type Settings = Readonly<Record<string, Json>>;

/** A task's parameters. */
export function settingsOf(task: string, settings: Settings): Json {
  const found = settings[task];
  if (found === undefined) {
    throw new Error(
      `Cannot hold ${task} against the recipe: the report's settings do not have it, expected the parameters of ` +
        'every task upstream, run "deno task stage report --force"',
    );
  }
  return found;
}
