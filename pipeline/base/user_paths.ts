/**
 * The user's folder, the base of relative paths.
 *
 * @module
 */
import { isAbsolute, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { UsageError } from "./errors.ts";

/**
 * The folder where the user typed the command. `deno task` changes to the repository's root and reports the
 * first folder in INIT_CWD. A folder outside the repository comes from an outer npm or task and is ignored.
 */
export function standingIn(root: string, initial = Deno.env.get("INIT_CWD")): string {
  const cwd = Deno.cwd();
  if (initial === undefined || !isAbsolute(initial)) return cwd;
  const [top, from] = [realFolder(root), realFolder(initial)];
  const isFromHere = top !== undefined && from !== undefined && realFolder(cwd) === top && isBelow(top, from);
  return isFromHere ? initial : cwd;
}

/** True where a path is the folder itself or lies in it. */
export function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function realFolder(path: string): string | undefined {
  try {
    return Deno.statSync(path).isDirectory ? Deno.realPathSync(path) : undefined;
  } catch {
    return undefined;
  }
}

/** The absolute path of a typed path or file URL; other URLs stay unchanged. */
export function pathFrom(here: string, typed: string): string {
  if (/^file:/i.test(typed)) {
    try {
      return fileURLToPath(typed);
    } catch (error) {
      throw new UsageError(`Cannot use ${typed}: ${(error as Error).message}, give it as a path`);
    }
  }
  return /^[a-z][a-z\d+.-]+:\/\//i.test(typed) ? typed : resolve(here, typed);
}

/** The path relative to the user's folder where that is shorter. */
export function said(here: string, path: string): string {
  const way = relative(here, path);
  return way !== "" && way.length < path.length ? way : path;
}
