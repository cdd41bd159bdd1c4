/**
 * The engine's own files and folders below `artifacts/`. A link in their place is refused: its target belongs
 * to others, and would be truncated, moved or written to.
 *
 * @module
 */
import { join } from "node:path";
import { kindOf, lstatIfAny } from "./files.ts";
import { shown, type Workspace } from "./workspace.ts";

/** Throws an Error where one of the engine's paths is taken by something else. */
export async function refuseOthers(workspace: Workspace): Promise<void> {
  const { artifacts, cache, aside, staging, scratch, logs, trash } = workspace;
  for (const path of [cache, aside, staging, scratch, logs, trash]) {
    await refuseOther(workspace, path, "folder");
  }
  await refuseOther(workspace, join(artifacts, ".lock"), "file");
}

/** Makes a folder of the engine's own below an existing one; returns its path. */
export async function makeOwnFolder(
  workspace: Workspace,
  above: string,
  ...names: string[]
): Promise<string> {
  let path = above;
  for (const name of names) {
    path = join(path, name);
    await refuseOther(workspace, path, "folder");
  }
  await Deno.mkdir(path, { recursive: true });
  return path;
}

/**
 * Throws an Error where the path exists and is not the engine's own file or folder. A file with several hard
 * links is not the engine's own either.
 */
export async function refuseOther(
  workspace: Workspace,
  path: string,
  kind: "file" | "folder",
): Promise<void> {
  const found = await lstatIfAny(path);
  if (found === undefined) return;
  const isOne = kind === "folder" ? found.isDirectory : found.isFile;
  if (isOne && (kind === "folder" || (found.nlink ?? 1) === 1)) return;
  const what = isOne ? "a file of several names (hard links)" : kindOf(found);
  throw new Error(
    `Cannot use ${shown(workspace, path)}: it is ${what}, expected a ${kind} of the engine's own, ` +
      `move it away or remove it`,
  );
}

/** Opens or makes a file of the engine's own, whose path was checked before. Nothing is truncated. */
export async function openOwn(path: string): Promise<Deno.FsFile> {
  const isNew = await lstatIfAny(path) === undefined;
  const file = await Deno.open(path, { read: true, write: true, createNew: isNew }).catch((error) => {
    // Another engine was faster.
    if (isNew && error instanceof Deno.errors.AlreadyExists) return undefined;
    throw error;
  });
  if (file === undefined) return await openOwn(path);
  if (await isAt(file, path)) return file;
  file.close();
  throw new Error(`${path} was replaced meanwhile`);
}

/** True where the open file is still the one at the path, so that no link led elsewhere. */
async function isAt(file: Deno.FsFile, path: string): Promise<boolean> {
  const [opened, there] = [await file.stat(), await lstatIfAny(path)];
  return there?.isFile === true && opened.dev === there.dev && opened.ino === there.ino;
}
