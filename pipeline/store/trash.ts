/**
 * Deletion that a crash cannot leave incomplete: everything is first moved whole into `artifacts/.trash/`,
 * and then removed. The next deletion removes the rest of an interrupted one.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { codeOf, exists, namesIn, removeIfAny, removeIfEmpty } from "../base/files.ts";
import { makeOwnFolder } from "../base/own_files.ts";
import { trashBeside } from "./staging_place.ts";
import type { Workspace } from "../base/workspace.ts";

/** Deletes files and folders of the store, which must be locked, and the folders that become empty. */
export async function discard(workspace: Workspace, paths: readonly string[]): Promise<void> {
  const outside: string[] = [];
  for (const path of paths) if (path !== workspace.trash && await exists(path)) outside.push(path);
  const used = new Set([workspace.trash]);
  for (const path of outside) used.add(await moveAway(workspace, path));
  for (const trash of used) await removeIfAny(trash);
  for (const path of outside) await removeEmpty(workspace, dirname(path));
}

/** Moves a file or folder into the store's trash, or into one on its own disk; returns the trash folder. */
async function moveAway(workspace: Workspace, path: string): Promise<string> {
  const name = `${basename(path)}-${crypto.randomUUID().slice(0, 8)}`;
  const move = async (trash: string) => {
    await Deno.rename(path, join(trash, name));
    return trash;
  };
  try {
    return await move(await makeOwnFolder(workspace, workspace.artifacts, ".trash"));
  } catch (error) {
    if (codeOf(error) === "EXDEV") return await move(await trashBeside(workspace, path));
    throw error;
  }
}

/** Removes empty folders upwards, as far as the store or a folder on another disk, which is the user's. */
async function removeEmpty(workspace: Workspace, folder: string): Promise<void> {
  if (folder === workspace.artifacts || namesIn(folder).length > 0) return;
  await removeIfEmpty(folder);
  if (!await exists(folder)) await removeEmpty(workspace, dirname(folder));
}
