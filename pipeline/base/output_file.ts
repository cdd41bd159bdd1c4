/**
 * A file that a command writes to a path of the user's choice. It replaces only an earlier output of the same
 * command, and is written completely or not at all.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { UsageError } from "./errors.ts";
import { removeIfAny, writeAtomically } from "./files.ts";
import { isBelow } from "./user_paths.ts";
import { workspaceAt } from "./workspace.ts";

/** The checked destination. */
export interface Output {
  /** Absolute path, links resolved. */
  readonly path: string;
  /** Replaces the file in one step. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
}

/**
 * Checks the path before any work is done. Throws a UsageError where it is one of the `inputs` under any
 * name, exists and is not `isOurs`, lies among the artifacts, or has no folder.
 */
export async function openOutput(
  path: string,
  { root, inputs = [], kind, isOurs }: {
    /** Folder of the repository. */
    readonly root: string;
    /** Files that the command reads. */
    readonly inputs?: readonly string[];
    /** The kind of output, in words: `picture of predict`. */
    readonly kind: string;
    /** True for a file that is an earlier output of the command. */
    readonly isOurs: (path: string) => Promise<boolean>;
  },
): Promise<Output> {
  const refuse = (state: string, way = "give another --out") =>
    new UsageError(`Cannot write ${path}: ${state}, ${way}`);
  const folder = await Deno.realPath(dirname(path)).catch(() => undefined);
  if (folder === undefined || !(await Deno.stat(folder)).isDirectory) {
    throw refuse(`there is no folder ${dirname(path)}`, "make it or give another --out");
  }
  const place = join(folder, basename(path));
  const link = await Deno.lstat(place).catch(() => undefined);
  const target = link === undefined ? place : await Deno.realPath(place).catch(() => undefined);
  if (target === undefined) throw refuse("it is a link to nothing");
  const { artifacts } = workspaceAt(root);
  if (isBelow(await Deno.realPath(artifacts).catch(() => artifacts), target)) {
    throw refuse("artifacts/ holds artifacts alone");
  }
  const found = link && await Deno.stat(target);
  if (found?.isDirectory) throw refuse("it is a folder", "name a file in it");
  if (found && !found.isFile) throw refuse("it is no plain file");
  for (const input of inputs) if (await isSame(target, input)) throw refuse("it is the file to read");
  if (found && !await isOurs(target)) {
    throw refuse(`it is there and is no ${kind}`, "move it or give another --out");
  }
  return { path: target, write: (bytes) => replaceFile(target, bytes) };
}

/** True for two names of one file: hard links share device and inode. */
async function isSame(a: string, b: string): Promise<boolean> {
  if (a === await Deno.realPath(b).catch(() => b)) return true;
  const [one, other] = await Promise.all([a, b].map((path) => Deno.stat(path).catch(() => undefined)));
  return one !== undefined && other !== undefined && one.ino !== null && one.ino === other.ino &&
    one.dev === other.dev;
}

/** Replaces a file in one step. The next attempt overwrites what a killed one left. */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.new`);
  await removeIfAny(temporary);
  await writeAtomically(path, bytes, { temporary, synced: true });
}

/** True where the first `length` bytes of a file pass the test. */
export async function begins(
  path: string,
  length: number,
  test: (bytes: Uint8Array) => boolean,
): Promise<boolean> {
  using file = await Deno.open(path);
  const bytes = new Uint8Array(length);
  return test(bytes.subarray(0, await file.read(bytes) ?? 0));
}
