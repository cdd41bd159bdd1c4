/**
 * Puts a store in order after an engine that was killed. Called by the holder of the store's lock alone: nothing that is
 * found belongs to anybody then.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import {
  exists,
  isOfFile,
  lstatIfAny,
  namesIfReadable,
  readTextIfAny,
  removeIfAny,
  removeIfEmpty,
} from "../base/files.ts";
import { isKeyName, leftBeside } from "./staging_place.ts";
import { isHeld } from "./checkpoints.ts";
import { shown, type Workspace } from "../base/workspace.ts";

/**
 * Ends orphans, puts back what was moved aside, and removes what was left half written. Returns what lies in the engine's
 * folders and is left alone because no engine has put it there, in words.
 */
export async function recover(workspace: Workspace): Promise<readonly string[]> {
  await endOrphans(workspace);
  const { aside, remains } = leftBeside(workspace);
  const strange: string[] = [];
  for (const folder of [workspace.aside, ...aside]) {
    if ((await lstatIfAny(folder))?.isSymlink) strange.push(folder);
    else {for (const name of namesIfReadable(folder)) {
        const path = join(folder, name);
        if (!await isPutBack(path, homeOf(workspace, path))) strange.push(path);
      }}
    if (folder !== workspace.aside) await removeIfEmpty(folder);
  }
  const temporary = namesIfReadable(workspace.cache).filter((name) => name.endsWith(".tmp"))
    .map((name) => join(workspace.cache, name));
  for (const path of [...temporary, ...remains, workspace.staging]) await removeIfAny(path);
  return strange.map((path) =>
    `${shown(workspace, path)} is not from this engine and is left alone, move it away or remove it`
  );
}

/** Where a folder that was moved aside belongs; undefined where its name is none that the engine gives. */
export function homeOf(workspace: Workspace, aside: string): string | undefined {
  const [name, folder] = [basename(aside), dirname(aside)];
  if (folder !== workspace.aside) return isKeyName(name) ? join(dirname(folder), name) : undefined;
  const parts = name.split("%2F");
  const isPlace = parts.length === 3 && parts.every(isPart) && isKeyName(parts[2]);
  return isPlace ? join(workspace.artifacts, ...parts.map(decodeURIComponent)) : undefined;
}

/** Part of a path as the engine writes it into one name: it hides nothing, and leads neither up nor further down. */
function isPart(text: string): boolean {
  try {
    const part = decodeURIComponent(text);
    return /^[^./\\\p{Cc}][^/\\\p{Cc}]*$/u.test(part) && encodeURIComponent(part) === text;
  } catch {
    return false;
  }
}

async function isPutBack(aside: string, to: string | undefined): Promise<boolean> {
  if (to === undefined || !(await lstatIfAny(aside))?.isDirectory) return false;
  try {
    await Deno.mkdir(dirname(to), { recursive: true });
    await putBack({ aside, to });
    return true;
  } catch (error) {
    if (isOfFile(error)) return false;
    throw error;
  }
}

/** Undoes a replacement that was not finished, or finishes one that was. */
export async function putBack({ aside, to }: { readonly aside: string; readonly to: string }): Promise<void> {
  if (await exists(to)) await removeIfAny(aside);
  else if (await exists(aside)) await Deno.rename(aside, to);
}

/**
 * A child outlives its engine where the watchdog was killed as well and the stage computes without a pause. It holds the
 * lock of its scratch folder, in which it has written its process id.
 */
async function endOrphans({ scratch }: Workspace): Promise<void> {
  const locks = namesIfReadable(scratch).filter((name) => name.endsWith(".lock"));
  for (const path of locks.map((name) => join(scratch, name.slice(0, -".lock".length)))) {
    if (!await isHeld(path)) continue;
    const pid = Number(await readTextIfAny(`${path}.lock`));
    if (await isChild(pid, path)) Deno.kill(pid, "SIGKILL");
  }
}

/** Whether a process was started for a scratch folder: its number may be another's by now. Told by /proc (Linux). */
async function isChild(pid: number, scratch: string): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 1) return false;
  return (await readTextIfAny(`/proc/${pid}/cmdline`))?.split("\0").includes(scratch) ?? false;
}
