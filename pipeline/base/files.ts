/**
 * The few things about files that the standard library leaves out.
 *
 * @module
 */
import { lstatSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { UnreadableError } from "./errors.ts";

/** Bytes of the longest text that is read. */
const LONGEST = 256 * 1024 * 1024;

/** Codes of the system's errors that say nothing about the file at hand: the machine has run out of something. */
const OF_MACHINE = ["EMFILE", "ENFILE", "ENOMEM", "ENOSPC", "EDQUOT", "EROFS"];

/** Whether an error of the system is about the file or folder at hand alone. */
export function isOfFile(error: unknown): error is Error {
  const code = codeOf(error);
  return code !== undefined && !OF_MACHINE.includes(code);
}

/** `ENOENT`, `EXDEV`; undefined for what the system has not thrown. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

function isMissing(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
}

/** There is nothing at a path. */
export const GONE = "gone";

/** Why no plain file can be read at a path, in words; undefined where one can. A pipe would keep its reader waiting. */
export function fileProblem(path: string): Promise<string | undefined> {
  return problemAt(path, (info) => info.isFile ? undefined : `${kindOf(info)}, expected a file`);
}

/** Why no folder can be listed at a path, in words; undefined where one can, or one that a link leads to. */
export function folderProblem(path: string): Promise<string | undefined> {
  return problemAt(path, (info) => {
    if (!info.isDirectory) return `${kindOf(info)}, expected a folder`;
    namesIn(path);
  });
}

async function problemAt(
  path: string,
  judge: (info: Deno.FileInfo) => string | undefined,
): Promise<string | undefined> {
  try {
    // Each of the many files of a store is looked at, and a synchronous call takes less time.
    return judge(Deno.statSync(path));
  } catch (error) {
    if (!isOfFile(error)) throw error;
    if (!isMissing(error)) return inWords(error);
    const target = await Deno.readLink(path).catch(() => undefined);
    return target === undefined ? GONE : `a link to ${target}, which is not there`;
  }
}

/** What is at a path, in words. */
export function kindOf(info: Deno.FileInfo): string {
  if (info.isSymlink) return "a link";
  if (info.isDirectory) return "a folder";
  if (info.isFile) return "a file";
  return info.isFifo ? "a pipe" : info.isSocket ? "a socket" : "a device";
}

/** The system's words alone: `Permission denied (os error 13)`. */
function inWords({ message }: Error): string {
  return message.match(/^.*?\(os error \d+\)/)?.[0] ?? message;
}

function isNowhere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}

/** Reads a plain file in some way; what is wrong with that file alone is an UnreadableError. */
export async function reading<T>(path: string, read: () => T | Promise<T>): Promise<T> {
  const problem = await fileProblem(path);
  if (problem !== undefined) throw new UnreadableError(path, problem);
  try {
    return await read();
  } catch (error) {
    if (isOfFile(error)) throw new UnreadableError(path, isMissing(error) ? GONE : inWords(error));
    throw error;
  }
}

/** The file's text without a byte order mark, or undefined where there is none. Throws an UnreadableError. */
export async function readTextIfAny(path: string): Promise<string | undefined> {
  // Most of the records that may be there are not, and an error takes longer than a look.
  if (isNowhere(path)) return undefined;
  try {
    return await reading(path, () => {
      const { size } = Deno.statSync(path);
      if (size > LONGEST) throw new UnreadableError(path, `${size} bytes, expected at most ${LONGEST}`);
      return new TextDecoder().decode(Deno.readFileSync(path));
    });
  } catch (error) {
    if (error instanceof UnreadableError && error.problem === GONE) return undefined;
    throw error;
  }
}

/** The object in a JSON file, or undefined where there is none that can be read. */
export async function readJsonIfAny<T extends object>(path: string): Promise<T | undefined> {
  try {
    const value = JSON.parse(await readTextIfAny(path) ?? "null");
    return typeof value === "object" && value !== null ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof UnreadableError) return undefined;
    throw error;
  }
}

/** Names in a folder, sorted; none where there is no such folder. */
export function namesIn(path: string): string[] {
  try {
    return [...Deno.readDirSync(path)].map((entry) => entry.name).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Names in a folder of the store, sorted; none where it cannot be read, which {@linkcode folderProblem} tells. */
export function namesIfReadable(path: string): string[] {
  try {
    return namesIn(path);
  } catch (error) {
    if (isOfFile(error)) return [];
    throw error;
  }
}

/**
 * Replaces a file in one step, so that a reader sees the old text or the new. A link is replaced, not followed.
 */
export async function writeAtomically(
  path: string,
  content: string | Uint8Array,
  { temporary = `${path}.${crypto.randomUUID().slice(0, 8)}.tmp`, synced = false }: {
    /** On the same disk, and new. @default beside the file */
    readonly temporary?: string;
    /** It is on the disk before it takes the old one's place. @default false */
    readonly synced?: boolean;
  } = {},
): Promise<void> {
  try {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    await Deno.writeFile(temporary, bytes, { createNew: true });
    if (synced) await sync(temporary);
    await Deno.rename(temporary, path);
  } catch (error) {
    await removeIfAny(temporary).catch(() => {});
    throw error;
  }
}

/** Writes all of `bytes` to an open file: the system may take a part. */
export async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
}

/** Reads `bytes` full from an open file, or to its end; returns how many were read. */
export async function fill(file: Deno.FsFile, bytes: Uint8Array): Promise<number> {
  let done = 0;
  for (let n: number | null = 0; n !== null && done < bytes.length; done += n ?? 0) {
    n = await file.read(bytes.subarray(done));
  }
  return done;
}

/** Bytes free on the disk of a folder, or of the nearest one above it that exists; Infinity where the system does not tell. */
export async function freeBytes(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    if (codeOf(error) !== "ENOENT" || dirname(folder) === folder) return Infinity;
    return await freeBytes(dirname(folder));
  }
}

/** Removes a file, a folder or a link, if it is there. */
export async function removeIfAny(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** Removes a folder that holds nothing, not even hidden. */
export async function removeIfEmpty(folder: string): Promise<void> {
  if (!(await lstatIfAny(folder))?.isDirectory || namesIfReadable(folder).length > 0) return;
  await Deno.remove(folder).catch(() => {});
}

export async function exists(path: string): Promise<boolean> {
  return await lstatIfAny(path) !== undefined;
}

/** What is at a path, a link not followed; undefined where there is nothing that can be looked at. */
export async function lstatIfAny(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (isOfFile(error)) return undefined;
    throw error;
  }
}

/** Something below a folder that is not a folder, or one that cannot be read. */
export interface Below {
  /** Relative to the folder, `/`-separated. */
  readonly name: string;
  readonly isSymlink: boolean;
  /** Neither a link nor a pipe nor the like. */
  readonly isFile: boolean;
}

/** Everything below a folder that is not a folder, sorted; what vanishes meanwhile is left out. */
export async function walk(folder: string): Promise<Below[]> {
  const found: Below[] = [];
  const visit = async (below: string) => {
    try {
      for await (const { name: own, isDirectory, isSymlink, isFile } of Deno.readDir(join(folder, below))) {
        const name = below === "" ? own : `${below}/${own}`;
        if (isDirectory) await visit(name);
        else found.push({ name, isSymlink, isFile });
      }
    } catch (error) {
      if (!isOfFile(error)) throw error;
      if (!isMissing(error)) found.push({ name: below, isSymlink: false, isFile: false });
    }
  };
  await visit("");
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Bytes below a file or folder, as far as it can be read. */
export async function sizeOf(path: string): Promise<number> {
  const info = await lstatIfAny(path);
  if (!info?.isDirectory) return info?.size ?? 0;
  let total = 0;
  for (const { name } of await walk(path)) total += (await lstatIfAny(join(path, name)))?.size ?? 0;
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
