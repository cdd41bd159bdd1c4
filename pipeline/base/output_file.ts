/**
 * A file that a command writes where the user says: never over anything that is not an earlier output of the same
 * command, and whole or not at all.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { UsageError } from "./errors.ts";
import { removeIfAny, writeAtomically } from "./files.ts";
import { isBelow } from "./user_paths.ts";
import { workspaceAt } from "./workspace.ts";

/** Where it goes. */
export interface Output {
  /** Absolute, links followed. */
  readonly path: string;
  /** Replaces the file in one step. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
}

/**
 * Looks at the place before any work is done. Throws a UsageError where it is one of the `inputs` under whatever name, is
 * there and not `isOurs`, lies among the artifacts, or is in no folder.
 */
export async function openOutput(
  path: string,
  { root, inputs = [], kind, isOurs }: {
    /** Of the repository. */
    readonly root: string;
    /** Files that the command reads. */
    readonly inputs?: readonly string[];
    /** What the command writes: `picture of predict`. */
    readonly kind: string;
    /** Whether a file is an earlier output of the command. */
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

/** Two names of one file: hard links have one number. */
async function isSame(a: string, b: string): Promise<boolean> {
  if (a === await Deno.realPath(b).catch(() => b)) return true;
  const [one, other] = await Promise.all([a, b].map((path) => Deno.stat(path).catch(() => undefined)));
  return one !== undefined && other !== undefined && one.ino !== null && one.ino === other.ino &&
    one.dev === other.dev;
}

/** A reader sees the old file or the new one, and what is left of a kill is overwritten by the next attempt. */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.new`);
  await removeIfAny(temporary);
  await writeAtomically(path, bytes, { temporary, synced: true });
}

/** Whether a file begins with bytes of which `test` approves. */
export async function begins(
  path: string,
  length: number,
  test: (bytes: Uint8Array) => boolean,
): Promise<boolean> {
  using file = await Deno.open(path);
  const bytes = new Uint8Array(length);
  return test(bytes.subarray(0, await file.read(bytes) ?? 0));
}
