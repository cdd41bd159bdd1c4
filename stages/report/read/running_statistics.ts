/**
 * Finds the models with running statistics: those with BatchNorm.
 *
 * @module
 */
import { join } from "node:path";
import type { Artifact } from "../../../pipeline/stage.ts";
import { modelsOf } from "./sources.ts";

/** Models with running statistics, as the model.json of their `ema-teacher` artifacts says. */
export async function modelsWithBuffers(
  teachers: readonly Artifact<unknown>[],
): Promise<readonly string[]> {
  const buffered = await Promise.all(teachers.map(async ({ dir }) => {
    const { parameters } = JSON.parse(await Deno.readTextFile(join(dir, "model.json"))) as ModelDescription;
    return parameters.some(({ role }) => role === "buffer");
  }));
  return modelsOf(teachers.filter((_, i) => buffered[i]));
}

/** The part of model.json that is read here. */
interface ModelDescription {
  readonly parameters: readonly { readonly role: string }[];
}
