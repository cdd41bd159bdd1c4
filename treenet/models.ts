/**
 * The registry of models and methods: the one place that turns a name into its module. A new one is a file in `models/` or
 * `methods/`, known by its name (`dense-join` is in `dense_join.ts`) from the moment it is there.
 *
 * @module
 */
import type { Method } from "./method.ts";
import type { Model } from "./nn/types.ts";

const MODELS = new URL("./models/", import.meta.url);
const METHODS = new URL("./methods/", import.meta.url);

/** URL of a model's module. */
export function modelUrl(name: string): string {
  return urlOf(name, MODELS);
}

/** URL of a method's module. */
export function methodUrl(name: string): string {
  return urlOf(name, METHODS);
}

/** Names of all models, sorted. */
export function modelNames(): readonly string[] {
  return namesIn(MODELS);
}

/** Names of all methods, sorted. */
export function methodNames(): readonly string[] {
  return namesIn(METHODS);
}

/** Imports a model. */
export async function loadModel(name: string): Promise<Model> {
  return (await import(modelUrl(name))).default;
}

/** Imports a method. */
export async function loadMethod(name: string): Promise<Method> {
  return (await import(methodUrl(name))).default;
}

/** Imports all methods, by name. */
export async function loadMethods(): Promise<Readonly<Record<string, Method>>> {
  const names = methodNames();
  const methods = await Promise.all(names.map(loadMethod));
  return Object.fromEntries(names.map((name, i) => [name, methods[i]]));
}

function urlOf(name: string, folder: URL): string {
  return new URL(`${name.replaceAll("-", "_")}.ts`, folder).href;
}

/** Files that editors and desktops leave in the folder have other names. */
function namesIn(folder: URL): readonly string[] {
  return [...Deno.readDirSync(folder)]
    .filter(({ name, isFile }) => isFile && /^[a-z][a-z0-9_]*\.ts$/.test(name))
    .map(({ name }) => name.slice(0, -".ts".length).replaceAll("_", "-"))
    .sort();
}
