/**
 * Foreign files in the store: leftovers of desktops, editors and file systems, and files that users put
 * beside or into artifacts. They are reported, and invalidate no artifact.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { folderProblem, GONE, lstatIfAny, namesIfReadable, walk } from "../base/files.ts";
import { isLeftover } from "../base/leftovers.ts";
import { isOfArtifact } from "./staging_place.ts";
import { RESERVED } from "./artifact_record.ts";
import { readArtifact } from "./artifacts.ts";
import type { Artifact } from "../stage.ts";
import type { Workspace } from "../base/workspace.ts";

/** Names of the files in an artifact's folder that are not part of it. */
export async function straysOf({ dir, files }: Artifact): Promise<string[]> {
  const known = new Set<string>([...Object.keys(files), ...RESERVED]);
  const strays = (await walk(dir)).map(({ name }) => name).filter((name) => !known.has(name));
  // The empty name is a folder that cannot be read, and may hold files of the artifact.
  return strays.filter((name) => name !== "" && ![...known].some((file) => file.startsWith(`${name}/`)));
}

/**
 * Moves foreign files from an artifact's folder to a new one beside it, as a stage that lists its input's
 * folder would read them. Leftovers stay, as they would come back. Returns the new folder, if one was made.
 */
export async function putStraysBeside(artifact: Artifact): Promise<string | undefined> {
  const strays = (await straysOf(artifact)).filter((name) => !isLeftover(name));
  if (strays.length === 0) return undefined;
  const beside = `${artifact.dir}.strays-${crypto.randomUUID().slice(0, 8)}`;
  for (const name of strays) {
    const to = join(beside, name);
    await Deno.mkdir(dirname(to), { recursive: true });
    await Deno.rename(join(artifact.dir, name), to).catch((error) => {
      // Another reader of the same artifact has moved it already.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
  return beside;
}

/** Saves the foreign files in a folder that will be deleted. Links are left, as their target stays. */
export async function keepStrays(dir: string): Promise<void> {
  if (!(await lstatIfAny(dir))?.isDirectory) return;
  const artifact = await readArtifact(dir).catch(() => undefined);
  if (artifact !== undefined) await putStraysBeside(artifact);
}

/** An entry of the store that is no artifact. */
export interface Lying {
  /** Absolute path. */
  readonly path: string;
  /** The reason its contents cannot be read; undefined where it does no harm. */
  readonly problem?: string;
}

/** Entries beside artifacts, and folders whose artifacts cannot be read. */
export async function lyingIn({ artifacts }: Workspace): Promise<Lying[]> {
  const found: Lying[] = [];
  const visit = async (folder: string, depth: number) => {
    for (const name of namesIfReadable(folder).filter((name) => !OWN[depth].includes(name))) {
      const path = join(folder, name);
      if (depth === 2 && await isOfArtifact(path)) continue;
      const info = await Deno.stat(path).catch(() => undefined);
      const isInNobodysWay = depth === 2 || isLeftover(name) || info?.isDirectory === false;
      const problem = isInNobodysWay ? undefined : await folderProblem(path);
      // A name that is not UTF-8 cannot be opened.
      if (problem === GONE) found.push({ path });
      else if (isInNobodysWay || problem !== undefined) found.push({ path, problem });
      else await visit(path, depth + 1);
    }
  };
  await visit(artifacts, 0);
  return found;
}

/** Names of the engine and of git: in the store, in a stage's folder, in a point's folder. */
const BESIDE = [".aside", ".staging", ".trash", ".probe"];
const OWN = [[...BESIDE, ".lock", ".cache", ".scratch", ".logs", "README.md"], BESIDE, BESIDE];
