/**
 * `--sweep FIELD=VALUES`: a variant of the profile's models for each value, for one run.
 *
 * @module
 */
import { canonical } from "../base/json.ts";
import { UsageError } from "../base/errors.ts";
import { valueOf } from "./override.ts";
import type { Json } from "../stage.ts";
import type { Sweep } from "../workflow.ts";

/** A field and its values, such as `train.method=dino,byol`, `strides=[1,1],[2,1]` or `strides=[[1,1],[2,1]]`. */
export function parseSweep(assignment: string): Sweep {
  const cannot = `Cannot apply --sweep ${assignment}`;
  const [, field = "", text = ""] = assignment.match(/^([^=]*)=(.*)$/s) ?? [];
  const values = valuesOf(text, cannot);
  if (field.trim().split(".").includes("") || values.length === 0 || values.includes("")) {
    throw new UsageError(`${cannot}: expected FIELD=VALUES such as train.method=dino,byol`);
  }
  const twice = values.find((value, i) => values.slice(0, i).some((other) => same(value, other)));
  if (twice !== undefined) {
    throw new UsageError(`${cannot}: ${JSON.stringify(twice)} is there twice, name it once`);
  }
  return { field: field.trim(), values };
}

function valuesOf(text: string, cannot: string): readonly Json[] {
  const list = `[${text}]`;
  const found = isJson(list)
    ? valueOf(list, cannot) as readonly Json[]
    : text.split(",").map((piece) => valueOf(piece.trim(), cannot));
  return found.length === 1 && Array.isArray(found[0]) ? found[0] : found;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function same(a: Json, b: Json): boolean {
  return canonical(a) === canonical(b);
}
