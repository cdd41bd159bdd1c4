/**
 * Files that nobody's task has written: what desktops, editors and file systems leave behind, and what somebody has put
 * beside or into artifacts. They are named, and cost no artifact anything.
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
  // A folder that cannot be read, and may hold files of the artifact.
  return strays.filter((name) => name !== "" && ![...known].some((file) => file.startsWith(`${name}/`)));
}

/**
 * Moves what somebody has put into an artifact's folder to one beside it: a stage that lists its input's folder would take
 * it for its input. Leftovers stay, they would only come again. Returns that folder if there was anything.
 */
export async function putStraysBeside(artifact: Artifact): Promise<string | undefined> {
  const strays = (await straysOf(artifact)).filter((name) => !isLeftover(name));
  if (strays.length === 0) return undefined;
  const beside = `${artifact.dir}.strays-${crypto.randomUUID().slice(0, 8)}`;
  for (const name of strays) {
    const to = join(beside, name);
    await Deno.mkdir(dirname(to), { recursive: true });
    await Deno.rename(join(artifact.dir, name), to).catch((error) => {
      // The reader of the same artifact that started a moment ago was faster.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
  return beside;
}

/** Before an artifact's folder goes: what somebody has put into it stays, beside it. Behind a link nothing goes. */
export async function keepStrays(dir: string): Promise<void> {
  if (!(await lstatIfAny(dir))?.isDirectory) return;
  const artifact = await readArtifact(dir).catch(() => undefined);
  if (artifact !== undefined) await putStraysBeside(artifact);
}

/** Something in the store that is no artifact. */
export interface Lying {
  /** Absolute. */
  readonly path: string;
  /** Why what may be in it cannot be read; undefined for what is in nobody's way. */
  readonly problem?: string;
}

/** What lies beside artifacts, and folders whose artifacts cannot be read. */
export async function lyingIn({ artifacts }: Workspace): Promise<Lying[]> {
  const found: Lying[] = [];
  const visit = async (folder: string, depth: number) => {
    for (const name of namesIfReadable(folder).filter((name) => !OWN[depth].includes(name))) {
      const path = join(folder, name);
      if (depth === 2 && await isOfArtifact(path)) continue;
      const info = await Deno.stat(path).catch(() => undefined);
      const isInNobodysWay = depth === 2 || isLeftover(name) || info?.isDirectory === false;
      const problem = isInNobodysWay ? undefined : await folderProblem(path);
      // A name that is no UTF-8 leads to nothing.
      if (problem === GONE) found.push({ path });
      else if (isInNobodysWay || problem !== undefined) found.push({ path, problem });
      else await visit(path, depth + 1);
    }
  };
  await visit(artifacts, 0);
  return found;
}

/** The engine's own, and what git keeps: in the store, in a stage's folder, in a point's. */
const BESIDE = [".aside", ".staging", ".trash", ".probe"];
const OWN = [[...BESIDE, ".lock", ".cache", ".scratch", ".logs", "README.md"], BESIDE, BESIDE];
