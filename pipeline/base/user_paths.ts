/**
 * Where the user stands, which is what relative paths are meant from.
 *
 * @module
 */
import { isAbsolute, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { UsageError } from "./errors.ts";

/**
 * The folder a command was typed in. `deno task` goes to the repository's root first and says in INIT_CWD where it came
 * from. It looks for the repository upwards, so that what lies outside was said by an npm or a task further out.
 */
export function standingIn(root: string, initial = Deno.env.get("INIT_CWD")): string {
  const cwd = Deno.cwd();
  if (initial === undefined || !isAbsolute(initial)) return cwd;
  const [top, from] = [realFolder(root), realFolder(initial)];
  const isFromHere = top !== undefined && from !== undefined && realFolder(cwd) === top && isBelow(top, from);
  return isFromHere ? initial : cwd;
}

/** Whether a path is a folder or lies in it. */
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

/** The absolute path that the user means; other URLs than those of files are left as they are. */
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

/** A path as it is said to the user: from where the user stands, if that is shorter. */
export function said(here: string, path: string): string {
  const way = relative(here, path);
  return way !== "" && way.length < path.length ? way : path;
}
