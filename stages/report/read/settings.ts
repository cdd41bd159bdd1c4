/**
 * Settings of the tasks upstream. They are among the report's own parameters and so in its key: a changed
 * parameter changes the report even if every result stays the same.
 *
 * @module
 */
import type { Json } from "../../../pipeline/stage.ts";

/** Task id → parameters, with defaults. */
export type Settings = Readonly<Record<string, Json>>;

/** Models that have another name than their type: they stand beside the rows that bear it, and rank nothing. */
export function variantsIn(settings: Settings): ReadonlySet<string> {
  const named = Object.values(settings) as readonly { readonly model?: string; readonly type?: string }[];
  return new Set(named.flatMap(({ model, type }) => model && type && type !== model ? [model] : []));
}

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
