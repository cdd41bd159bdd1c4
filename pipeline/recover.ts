/**
 * Puts a store in order after an engine that was killed. Called by the holder of the store's lock alone: nothing that is
 * found belongs to anybody then.
 *
 * @module
 */
import { join } from "node:path";
import { exists, namesIn, readTextIfAny, removeIfAny } from "./files.ts";
import type { Workspace } from "./workspace.ts";

/** Ends orphans, puts back what was moved aside, and removes what was left half written. */
export async function recover(workspace: Workspace): Promise<void> {
  await endOrphans(workspace);
  for (const name of namesIn(workspace.aside)) {
    await putBack({
      aside: join(workspace.aside, name),
      to: join(workspace.artifacts, decodeURIComponent(name)),
    });
  }
  const remains = namesIn(workspace.cache).filter((name) => name.endsWith(".tmp"));
  for (const name of remains) await removeIfAny(join(workspace.cache, name));
  await removeIfAny(workspace.staging);
}

/** Where the folder of an artifact is while another takes its place. */
export function asideOf(workspace: Workspace, dir: string): string {
  return join(workspace.aside, encodeURIComponent(dir.slice(workspace.artifacts.length + 1)));
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
  const locks = namesIn(scratch).filter((name) => name.endsWith(".lock")).map((name) => join(scratch, name));
  for (const lock of locks) {
    using file = await Deno.open(lock, { read: true });
    if (await file.tryLock(true)) continue;
    const pid = Number(await Deno.readTextFile(lock));
    if (await isChild(pid, lock.slice(0, -".lock".length))) Deno.kill(pid, "SIGKILL");
  }
}

/** Whether a process was started for a scratch folder: its number may be another's by now. Told by /proc (Linux). */
async function isChild(pid: number, scratch: string): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 1) return false;
  return (await readTextIfAny(`/proc/${pid}/cmdline`))?.split("\0").includes(scratch) ?? false;
}
