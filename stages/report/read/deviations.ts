/**
 * Deviations of a run from the recipe: the parameters in its keys against those of the paper profile, field
 * by field. No field is listed by hand, so none that is changed can be forgotten.
 *
 * @module
 */
import type { Json, Point } from "../../../pipeline/stage.ts";
import { byPoster } from "./poster.ts";

/** One field that differs; undefined on a side that does not have it. */
export interface Difference {
  /** Path with dots: `globals.scale`. */
  readonly field: string;
  readonly recipe?: Json;
  readonly here?: Json;
}

export interface Deviation extends Difference {
  /** Section of the profile: a stage's name, or `models` for a field of an architecture. */
  readonly stage: string;
  /** Models with this deviation; empty if the stage has no model. */
  readonly models: readonly string[];
}

/** The parts of a task that matter here. */
export interface Asked {
  readonly stage: string;
  readonly point: Point;
  readonly params: Json;
}

/** Parameters of a task in the recipe, with defaults; undefined if the recipe has no such stage. */
export type Recipe = (task: Asked) => Json | undefined;

/** Returns every field in which two values differ. Objects are compared by field, other values as a whole. */
export function difference(recipe: Json | undefined, here: Json | undefined, field = ""): Difference[] {
  if (isRecord(recipe) && isRecord(here)) {
    const names = [...new Set([...Object.keys(recipe), ...Object.keys(here)])].sort();
    return names.flatMap((name) =>
      difference(recipe[name], here[name], field === "" ? name : `${field}.${name}`)
    );
  }
  return same(recipe, here) ? [] : [{ field, recipe, here }];
}

/**
 * The differences of all tasks, with one entry for those that several models share: architectures first, then
 * stages in their order; by field.
 */
export function deviations(tasks: readonly Asked[], recipe: Recipe): Deviation[] {
  const found = new Map<string, { readonly deviation: Placed; readonly models: Set<string> }>();
  for (const task of tasks) {
    for (const deviation of differencesOf(task, recipe)) {
      const { stage, field, recipe: wanted = "absent", here = "absent" } = deviation;
      const id = JSON.stringify([stage, field, wanted, here]);
      const { models } = found.get(id) ?? { models: new Set() };
      if (task.point.model !== undefined) models.add(String(task.point.model));
      found.set(id, { deviation, models });
    }
  }
  const stages = tasks.map(({ stage }) => stage);
  return [...found.values()]
    .map(({ deviation, models }) => ({ ...deviation, models: [...models].sort(byPoster) }))
    .sort((a, b) => stages.indexOf(a.stage) - stages.indexOf(b.stage) || (a.field < b.field ? -1 : 1));
}

type Placed = Omit<Deviation, "models">;

function differencesOf(task: Asked, recipe: Recipe): Placed[] {
  const wanted = recipe(task);
  if (wanted === undefined) {
    return [{ stage: task.stage, field: "(the whole stage)", here: "not in the recipe" }];
  }
  const found = difference(withoutAxes(wanted, task.point), withoutAxes(task.params, task.point));
  return found.flatMap((entry) => {
    const [first, ...rest] = entry.field.split(".");
    if (first !== "architecture") return [{ ...entry, stage: task.stage }];
    // A model's default is the recipe's value, so a field that is missing here does not differ.
    return entry.here === undefined ? [] : [{ ...entry, stage: "models", field: rest.join(".") }];
  });
}

/** Removes the axes: they identify a task and do not describe it. */
function withoutAxes(params: Json, point: Point): Json {
  if (!isRecord(params)) return params;
  return Object.fromEntries(Object.entries(params).filter(([name]) => !(name in point)));
}

function isRecord(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function same(a: Json | undefined, b: Json | undefined): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

/** Sorts fields, also inside arrays, so that order alone is no difference. */
function sorted(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return value.map((entry) => sorted(entry) ?? null);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.keys(value).sort().map((name) => [name, sorted(value[name]) ?? null]));
}
