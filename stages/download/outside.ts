/**
 * Fetching reads files of the user's own: the local source, or else npm's configuration and certificates.
 *
 * @module
 */
import { resolve } from "node:path";
import type { Outside } from "../../pipeline/stage.ts";
import { npmReads, ROOT } from "./npmrc.ts";

/** Files and variables that a `--source` needs. A local one needs no network. */
export async function outsideOf(source: string | undefined): Promise<Outside> {
  if (isLocal(source)) return { files: await bothNames(resolve(source)), network: false };
  const { files, variables } = await npmReads();
  return {
    files: (await Promise.all(files.map((path) => bothNames(resolve(ROOT, path))))).flat(),
    variables,
  };
}

/** Says that a source is a path. */
export function isLocal(source: string | undefined): source is string {
  return source !== undefined && !["", "npm", "official"].includes(source) && !/^https?:\/\//i.test(source);
}

/** A path, and what it is a link to. */
async function bothNames(path: string): Promise<string[]> {
  const real = await Deno.realPath(path).catch(() => path);
  return [...new Set([path, real])];
}
