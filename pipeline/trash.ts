/**
 * Deletion that a crash cannot leave half done: everything is first moved into `artifacts/.trash/`, whole, and only then
 * removed. What an interrupted deletion leaves there is removed by the next one.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { exists, namesIn, removeIfAny } from "./files.ts";
import type { Workspace } from "./workspace.ts";

/** Deletes files and folders of the store, which must be locked, and the folders that this leaves empty. */
export async function discard(workspace: Workspace, paths: readonly string[]): Promise<void> {
  await Deno.mkdir(workspace.trash, { recursive: true });
  const outside: string[] = [];
  for (const path of paths) if (path !== workspace.trash && await exists(path)) outside.push(path);
  for (const path of outside) {
    await Deno.rename(path, join(workspace.trash, `${basename(path)}-${crypto.randomUUID().slice(0, 8)}`));
  }
  for (const path of outside) await removeEmpty(workspace, dirname(path));
  await removeIfAny(workspace.trash);
}

async function removeEmpty(workspace: Workspace, folder: string): Promise<void> {
  if (folder === workspace.artifacts || namesIn(folder).length > 0) return;
  await removeIfAny(folder);
  await removeEmpty(workspace, dirname(folder));
}
