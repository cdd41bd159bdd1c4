/**
 * Where the modules of models and methods lie, by name: `dense-join` is `models/dense_join.ts`.
 *
 * @module
 */

/** URL of a model's module. */
export function modelUrl(name: string): string {
  return urlIn("models", name);
}

/** URL of a method's module. */
export function methodUrl(name: string): string {
  return urlIn("methods", name);
}

function urlIn(folder: string, name: string): string {
  return new URL(`./${folder}/${name.replaceAll("-", "_")}.ts`, import.meta.url).href;
}
