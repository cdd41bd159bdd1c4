/**
 * One setup at a time: a lock of the operating system, which dies with its holder.
 *
 * @module
 */
import { join } from "node:path";
import { cacheFolder } from "./place.ts";

/** Waits for the lock; `waiting` is called once where another setup has it. Closing the file gives it back. */
export async function lockSetup(waiting: () => void): Promise<Deno.FsFile> {
  const folder = cacheFolder();
  try {
    await Deno.mkdir(folder, { recursive: true, mode: 0o755 });
    const file = await Deno.open(join(folder, ".lock"), { create: true, write: true });
    if (await file.tryLock(true)) return file;
    waiting();
    await file.lock(true);
    return file;
  } catch (cause) {
    throw new Error(`Cannot write to ${folder}, make it writable or choose another by XDG_CACHE_HOME`, {
      cause,
    });
  }
}
