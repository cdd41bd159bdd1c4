/**
 * The few things about files that the standard library leaves out.
 *
 * @module
 */
import { join } from "node:path";

/** The file's text, or undefined where there is none. */
export async function readTextIfAny(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}

/** The file's JSON, or undefined where there is none or it is cut short. */
export async function readJsonIfAny<T>(path: string): Promise<T | undefined> {
  const text = await readTextIfAny(path);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}

/** Names in a folder, sorted; none where there is no such folder. */
export function namesIn(path: string): string[] {
  try {
    return [...Deno.readDirSync(path)].map((entry) => entry.name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return [];
    throw error;
  }
}

/**
 * Replaces a file in one step, so that a reader sees the old text or the new. `temporary` is on the same disk.
 *
 * @default beside the file
 */
export async function writeAtomically(
  path: string,
  text: string,
  temporary: string = `${path}.${crypto.randomUUID().slice(0, 8)}.tmp`,
): Promise<void> {
  try {
    await Deno.writeTextFile(temporary, text);
    await Deno.rename(temporary, path);
  } catch (error) {
    await removeIfAny(temporary).catch(() => {});
    throw error;
  }
}

/** Removes a file or folder, if it is there. */
export async function removeIfAny(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}

/** Everything below a folder that is not a folder: path relative to it, `/`-separated, sorted. */
export async function walk(
  folder: string,
): Promise<{ readonly name: string; readonly isSymlink: boolean }[]> {
  const found: { name: string; isSymlink: boolean }[] = [];
  const visit = async (below: string) => {
    for await (const entry of Deno.readDir(join(folder, below))) {
      const name = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory) await visit(name);
      else found.push({ name, isSymlink: entry.isSymlink });
    }
  };
  await visit("");
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Bytes below a file or folder. */
export async function sizeOf(path: string): Promise<number> {
  const info = await Deno.lstat(path);
  if (!info.isDirectory) return info.size;
  let total = 0;
  for (const { name } of await walk(path)) total += (await Deno.lstat(join(path, name))).size;
  return total;
}

/** Forces a file's or folder's contents to the disk. Folders cannot be synced on Windows, which needs no such step. */
export async function sync(path: string): Promise<void> {
  try {
    using file = await Deno.open(path, { read: true });
    await file.sync();
  } catch (error) {
    if (Deno.build.os !== "windows") throw error;
  }
}
