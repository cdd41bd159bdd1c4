/**
 * Restores order in a store after an engine was killed. Only the holder of the store's lock calls this, so no
 * process uses the files it finds.
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
 * Ends orphaned processes, moves replaced folders back, and removes unfinished files. Returns, in words, the
 * files in the engine's folders that no engine made, which stay.
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

/** The original path of a folder that was moved aside; undefined where the engine gives no such name. */
export function homeOf(workspace: Workspace, aside: string): string | undefined {
  const [name, folder] = [basename(aside), dirname(aside)];
  if (folder !== workspace.aside) return isKeyName(name) ? join(dirname(folder), name) : undefined;
  const parts = name.split("%2F");
  const isPlace = parts.length === 3 && parts.every(isPart) && isKeyName(parts[2]);
  return isPlace ? join(workspace.artifacts, ...parts.map(decodeURIComponent)) : undefined;
}

/** True for an encoded part of a path that is not hidden and leads neither up nor down. */
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

/** Undoes an unfinished replacement, or completes a finished one. */
export async function putBack({ aside, to }: { readonly aside: string; readonly to: string }): Promise<void> {
  if (await exists(to)) await removeIfAny(aside);
  else if (await exists(aside)) await Deno.rename(aside, to);
}

/**
 * Ends children that outlived their engine: the watchdog was killed too, and the stage computes without a
 * pause. Such a child holds the lock of its scratch folder, where it wrote its process id.
 */
async function endOrphans({ scratch }: Workspace): Promise<void> {
  const locks = namesIfReadable(scratch).filter((name) => name.endsWith(".lock"));
  for (const path of locks.map((name) => join(scratch, name.slice(0, -".lock".length)))) {
    if (!await isHeld(path)) continue;
    const pid = Number(await readTextIfAny(`${path}.lock`));
    if (await isChild(pid, path)) Deno.kill(pid, "SIGKILL");
  }
}

/** True where the process serves this scratch folder, by /proc (Linux); its number may have been reused. */
async function isChild(pid: number, scratch: string): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 1) return false;
  return (await readTextIfAny(`/proc/${pid}/cmdline`))?.split("\0").includes(scratch) ?? false;
}
