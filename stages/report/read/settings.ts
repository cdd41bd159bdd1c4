/**
 * Settings of the tasks upstream. They are among the report's own parameters and so in its key: a changed
 * parameter changes the report even if every result stays the same.
 *
 * @module
 */
import type { Json } from "../../../pipeline/stage.ts";

/** Task id → parameters, with defaults. */
export type Settings = Readonly<Record<string, Json>>;

/** Parameters of a task. */
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
