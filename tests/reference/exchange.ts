/**
 * Gives values to the Python reference, and reads its answers.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { type SafeTensor, writeSafetensors } from "../../formats/safetensors.ts";
import type { Weights } from "../../treenet/nn/parameters.ts";
import type { ParameterSpec } from "../../treenet/nn/types.ts";
import { toPublic } from "../../treenet/nn/weights.ts";
import type { Python } from "../fixtures/python.ts";

/** Tensors by name, with a `/` between its parts. */
export type Tensors = Readonly<Record<string, SafeTensor>>;

export interface Exported {
  /** JSON. */
  readonly values: unknown;
  readonly tensors: Tensors;
}

export interface Answer {
  /** Deviations by quantity. */
  readonly deviations: Readonly<Record<string, number>>;
  /** The reference's own values, small ones. */
  readonly golden?: unknown;
}

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
export const REQUIREMENTS = here("requirements.txt");

/** Runs `checks/<topic>.py` on what was exported. */
export async function ask(python: Python, topic: string, { values, tensors }: Exported): Promise<Answer> {
  const folder = await Deno.makeTempDir({ prefix: "reference-" });
  try {
    await Deno.writeTextFile(`${folder}/values.json`, JSON.stringify(values));
    await writeSafetensors(`${folder}/tensors.safetensors`, tensors);
    return JSON.parse(await python.run(here("main.py"), topic, folder));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Weights in their public layout under `prefix/`. */
export function publicWeights(prefix: string, specs: readonly ParameterSpec[], weights: Weights): Tensors {
  return under(prefix, toPublic(specs, weights));
}

/** Puts `prefix/` before every name. */
export function under(prefix: string, tensors: Tensors): Tensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${prefix}/${name}`, tensor]));
}

/** A tensor of one axis unless told otherwise. */
export function tensor<T extends SafeTensor["data"]>(data: T, ...shape: readonly number[]): SafeTensor {
  return { shape: shape.length === 0 ? [data.length] : shape, data };
}
