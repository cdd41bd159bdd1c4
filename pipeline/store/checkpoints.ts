/**
 * Checkpoints: `artifacts/.scratch/<key>/` survives the attempts at one task. Beside it, `<key>.json` names
 * its owner, and the running child holds `<key>.lock`.
 *
 * @module
 */
import { join } from "node:path";
import { lstatIfAny, namesIfReadable, removeIfAny, writeAtomically } from "../base/files.ts";
import { identityOf } from "../tasks/key.ts";
import { makeOwnFolder, refuseOther } from "../base/own_files.ts";
import { readOwner, type ScratchOwner } from "./artifact_record.ts";
import type { Key } from "../stage.ts";
import type { Workspace } from "../base/workspace.ts";

/** Makes the folder of a task's checkpoints, or finds the one of an earlier attempt; returns its path. */
export async function openScratch(workspace: Workspace, owner: ScratchOwner): Promise<string> {
  const path = await makeOwnFolder(workspace, workspace.artifacts, ".scratch", nameOf(owner.key));
  await refuseOther(workspace, `${path}.lock`, "file");
  await writeAtomically(`${path}.json`, JSON.stringify(owner));
  return path;
}

/** Removes the checkpoints of a task whose result is sealed. */
export async function removeScratch(path: string): Promise<void> {
  for (const each of [path, `${path}.json`, `${path}.lock`]) await removeIfAny(each);
}

/** Every folder of checkpoints, with its owner where that is known. */
export async function* scratchIn(
  { scratch }: Workspace,
): AsyncGenerator<{ readonly path: string; readonly owner: ScratchOwner | undefined }> {
  for (const name of namesIfReadable(scratch).filter((name) => !/^\.|\.(json|lock|tmp)$/.test(name))) {
    const path = join(scratch, name);
    yield { path, owner: await readOwner(`${path}.json`) };
  }
}

/** True where a child holds it, perhaps one of an engine that was killed a moment ago. */
export async function isHeld(path: string): Promise<boolean> {
  if (!(await lstatIfAny(`${path}.lock`))?.isFile) return false;
  using file = await Deno.open(`${path}.lock`, { read: true });
  return !await file.tryLock(true);
}

/** Folder name of checkpoints. Environments have their own, or bits would depend on the interruption. */
function nameOf(key: Key): string {
  const environment = Object.values(key.environment).join(" ").replaceAll(/[^\w.]+/g, "-");
  return [identityOf(key).slice(0, 16), environment].filter(Boolean).join("-");
}
