/**
 * The registry of models and methods: the only place that turns a name into its module. Each file in
 * `models/` or `methods/` is one of them, named after the file (`dense-join` is in `dense_join.ts`).
 *
 * @module
 */
import { basename } from "node:path";
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

/** Imports a method. Throws an Error that names its file where that is no method. */
export async function loadMethod(name: string): Promise<Method> {
  const url = methodUrl(name), file = `treenet/methods/${basename(url)}`;
  const { default: method } = await import(url).catch((cause: Error) => {
    throw new Error(`${file} cannot be loaded: ${cause.message}`, { cause });
  });
  if (method?.config instanceof Object && typeof method.build === "function") return method;
  throw new Error(`${file} has no default export { config, build }, see treenet/method.ts`);
}

/**
 * Imports all methods, by name. A method that cannot be loaded is an Error, so that the others can be used.
 */
export async function loadMethods(): Promise<Readonly<Record<string, Method | Error>>> {
  const load = async (name: string) => [name, await loadMethod(name).catch((error: Error) => error)] as const;
  return Object.fromEntries(await Promise.all(methodNames().map(load)));
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
