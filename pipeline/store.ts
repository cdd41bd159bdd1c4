/**
 * Sealed outputs on disk: `artifacts/<stage>/<point>/<identity>[-<environment>]/` holds a task's files beside
 * `artifact.json` (what they are) and `run.json` (how they came about).
 *
 * @module
 */
import { join } from "node:path";
import { canonical } from "./canonical.ts";
import { namesIn, readJsonIfAny } from "./files.ts";
import type { Task } from "./graph.ts";
import type { FileDigests } from "./hash.ts";
import { artifactDigest, folderOf, identityOf } from "./key.ts";
import type { Artifact, Digest, Key } from "./types.ts";
import type { Workspace } from "./workspace.ts";

/** Version of `artifact.json`. */
export const FORMAT = 1;

/** Files of the engine beside a task's own. */
export const RESERVED = ["artifact.json", "run.json", "elsewhere.json"] as const;

/** What `artifact.json` holds. */
export interface ArtifactFile {
  readonly format: number;
  readonly task: string;
  readonly point: Artifact["point"];
  readonly key: Key;
  readonly files: Readonly<Record<string, { readonly digest: Digest; readonly bytes: number }>>;
  readonly meta: Artifact["meta"];
  readonly digest: Digest;
}

/** What `elsewhere.json` holds: files that an archive left out, because they are large and can be had again. */
export interface ElsewhereFile {
  readonly files: readonly string[];
}

/** The artifact in a folder; undefined where there is none, or one of another format. */
export async function readArtifact(dir: string): Promise<Artifact | undefined> {
  const file = await readJsonIfAny<ArtifactFile>(join(dir, "artifact.json"));
  if (file?.format !== FORMAT) return undefined;
  const files = Object.fromEntries(Object.entries(file.files).map(([name, { digest }]) => [name, digest]));
  const { task, point, key, meta, digest } = file;
  const elsewhere = (await readJsonIfAny<ElsewhereFile>(join(dir, "elsewhere.json")))?.files;
  return { task, point, key, meta, digest, dir, files, ...(elsewhere ? { elsewhere } : {}) };
}

/** Every artifact of a task, whatever its key. */
export async function artifactsOf(workspace: Workspace, place: string): Promise<Artifact[]> {
  const folder = join(workspace.artifacts, place);
  const found = await Promise.all(namesIn(folder).map((name) => readArtifact(join(folder, name))));
  return found.filter((artifact) => artifact !== undefined);
}

/**
 * The artifact of a key. Without `strict` any environment serves, the key's own first: an archive is not computed
 * again on the next machine.
 */
export async function findArtifact(
  workspace: Workspace,
  task: Task,
  { key, strict }: { readonly key: Key; readonly strict: boolean },
): Promise<Artifact | undefined> {
  const folder = join(workspace.artifacts, task.place);
  const exact = folderOf(key);
  const identity = identityOf(key);
  const prefix = identity.slice(0, 16);
  const others = namesIn(folder).filter((name) => name !== exact && name.startsWith(prefix));
  for (const name of strict ? [exact] : [exact, ...others]) {
    const artifact = await readArtifact(join(folder, name));
    if (artifact === undefined || identityOf(artifact.key) !== identity) continue;
    if (!strict || canonical(artifact.key.environment) === canonical(key.environment)) return artifact;
  }
}

/**
 * Names of what differs from its digest: files, or `artifact.json` itself. Empty for a sound artifact. A file that is
 * elsewhere is no damage, unless it is among those `needed`.
 */
export async function damagedFiles(
  artifact: Artifact,
  { digests, rehash = false, needed = [] }: {
    readonly digests: FileDigests;
    readonly rehash?: boolean;
    readonly needed?: readonly string[];
  },
): Promise<string[]> {
  const damaged = artifactDigest(artifact) === artifact.digest ? [] : ["artifact.json"];
  for (const [name, digest] of Object.entries(artifact.files)) {
    const path = join(artifact.dir, name);
    const found = rehash ? await digests.rehashed(path) : await digests.remembered(path);
    const isElsewhere = artifact.elsewhere?.includes(name) && !needed.includes(name);
    if (found === undefined && isElsewhere) continue;
    if (found !== digest) damaged.push(found === undefined ? `${name} (gone)` : name);
  }
  return damaged;
}

/** Every artifact folder of the store, used by a profile or not. */
export async function* artifactsIn(
  workspace: Workspace,
): AsyncGenerator<{ readonly dir: string; readonly artifact: Artifact | undefined }> {
  const foldersIn = (path: string) =>
    namesIn(path).filter((name) => !name.startsWith(".")).map((name) => join(path, name));
  for (const dir of foldersIn(workspace.artifacts).flatMap(foldersIn).flatMap(foldersIn)) {
    yield { dir, artifact: await readArtifact(dir) };
  }
}
