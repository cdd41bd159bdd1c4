/**
 * Lock that allows one setup at a time; the operating system releases it when its holder ends.
 *
 * @module
 */
import { join } from "node:path";
import { cacheFolder } from "../cache_folder.ts";

/** Waits for the lock; `waiting` is called once if another setup holds it. Closing the file releases it. */
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
