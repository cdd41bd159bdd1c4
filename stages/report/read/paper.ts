/**
 * Parameters by the recipe: those of the `paper` profile, which the report is told with the stages' defaults.
 *
 * @module
 */
import type { Json } from "../../../pipeline/stage.ts";
import type { ReportParams } from "../params.ts";
import type { Recipe } from "./deviations.ts";

type Fields = Readonly<Record<string, Json>>;

/** Parameters of a task in the paper profile. */
export function recipeOf({ sections, models }: ReportParams["recipe"]): Recipe {
  return ({ stage, point, params }) => {
    const section = sections[stage] as Fields | undefined;
    if (section === undefined) return undefined;
    const given: Fields = typeof params === "object" && params !== null && !Array.isArray(params)
      ? params as Fields
      : {};
    const architecture: Fields = "architecture" in given
      ? {
        type: given.type,
        architecture: models[String(given.type ?? point.model)] as Fields | undefined ?? {},
      }
      : {};
    // Architectures are compared with the recipe once, at the tasks that have one of their own.
    const all: Fields = "models" in given ? { models: given.models } : {};
    // So are methods with their heads, at the training.
    const heads: Fields = "heads" in given ? { method: given.method, heads: given.heads } : {};
    return { ...section, ...point, ...architecture, ...all, ...heads };
  };
}
