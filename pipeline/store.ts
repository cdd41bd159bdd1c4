/**
 * Sealed outputs on disk: `artifacts/<stage>/<point>/<identity>[-<environment>]/` holds a task's files beside
 * `artifact.json` (what they are) and `run.json` (how they came about).
 *
 * @module
 */
import { basename, join, sep } from "node:path";
import { canonical } from "./canonical.ts";
import { namesIn, walk } from "./files.ts";
import type { Task } from "./graph.ts";
import type { FileDigests } from "./hash.ts";
import { artifactDigest, folderOf, identityOf } from "./key.ts";
import { type ArtifactFile, FORMAT, readArtifactFile, readElsewhere, RESERVED } from "./records.ts";
import { readRecord } from "./sealed.ts";
import type { Artifact, Key } from "./types.ts";
import type { Workspace } from "./workspace.ts";

/**
 * The artifact in a folder; undefined where there is none, or its record is damaged. Throws an Error where another version
 * of the engine wrote it.
 */
export async function readArtifact(dir: string): Promise<Artifact | undefined> {
  const file = await readArtifactFile(join(dir, "artifact.json"));
  if (file === undefined) return undefined;
  if (file.seal === undefined || file.format === FORMAT) {
    const artifact = artifactIn(dir, file);
    if (file.seal === undefined && !isFirstFormat(file, artifact)) return undefined;
    const elsewhere = await readElsewhere(join(dir, "elsewhere.json"));
    return elsewhere === undefined ? artifact : { ...artifact, elsewhere };
  }
  throw new Error(
    `Cannot read ${dir}: it is of format ${file.format}, expected ${FORMAT}, use the version of the code that ` +
      `wrote it, or delete every result with "deno task clean --all" and start over`,
  );
}

function isFirstFormat({ format, digest }: ArtifactFile, artifact: Artifact): boolean {
  return format === 1 && folderOf(artifact.key) === basename(artifact.dir) &&
    artifactDigest(artifact) === digest;
}

function artifactIn(dir: string, file: ArtifactFile): Artifact {
  const files = Object.fromEntries(Object.entries(file.files).map(([name, { digest }]) => [name, digest]));
  const { task, point, key, meta, digest } = file;
  return { task, point, key, meta, digest, dir, files };
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
 * Names of what differs from its digest, and of what is not part of it: a stage that lists its input's folder would see
 * that. Empty for a sound artifact. A file that is elsewhere is no damage, unless it is among those `needed`,
 * which may be folders.
 */
export async function damagedFiles(
  artifact: Artifact,
  { digests, rehash = false, needed = [] }: {
    readonly digests: FileDigests;
    readonly rehash?: boolean;
    readonly needed?: readonly string[];
  },
): Promise<string[]> {
  const isSound = artifactDigest(artifact) === artifact.digest && isInPlace(artifact);
  const damaged = isSound ? [] : ["artifact.json"];
  for (const [name, digest] of Object.entries(artifact.files)) {
    const path = join(artifact.dir, name);
    const found = rehash ? await digests.rehashed(path) : await digests.remembered(path);
    const isElsewhere = artifact.elsewhere?.includes(name) && !needed.some((path) => isAt(path, name));
    if (found === undefined && isElsewhere) continue;
    if (found !== digest) damaged.push(found === undefined ? `${name} (gone)` : name);
  }
  return [...damaged, ...await strangersIn(artifact)];
}

/** A file, or one in a folder. */
function isAt(path: string, name: string): boolean {
  return name === path || name.startsWith(`${path}/`);
}

async function strangersIn({ dir, files }: Artifact): Promise<string[]> {
  const known = new Set<string>([...Object.keys(files), ...RESERVED]);
  const found = namesIn(dir).length === 0 ? [] : await walk(dir);
  return found.filter(({ name }) => !known.has(name)).map(({ name }) => `${name} (not part of it)`);
}

/** What is wrong with the record of the run that made an artifact, which nothing else vouches for. */
export async function damagedRecord({ dir }: Artifact): Promise<string[]> {
  const { seal } = JSON.parse(await Deno.readTextFile(join(dir, "artifact.json"))) as ArtifactFile;
  const { type } = await readRecord(join(dir, "run.json"), { optional: seal === undefined });
  return type === "sound" ? [] : [type === "missing" ? "run.json (gone)" : "run.json"];
}

/** Task, point and key are not in the digest, but they say where the artifact lies. */
export function isInPlace({ task, point, key, dir }: Artifact): boolean {
  const values = Object.values(point);
  const [id, place] = values.length === 0
    ? [key.stage, "main"]
    : [`${key.stage}[${values.join(",")}]`, values.join("-")];
  return task === id && dir.split(sep).slice(-3).join("/") === `${key.stage}/${place}/${folderOf(key)}`;
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
