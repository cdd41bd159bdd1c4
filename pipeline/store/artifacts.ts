/**
 * Sealed outputs on disk: `artifacts/<stage>/<point>/<identity>[-<environment>]/` holds a task's files beside
 * `artifact.json` (their description) and `run.json` (the run that made them).
 *
 * @module
 */
import { join, sep } from "node:path";
import { canonical } from "../base/json.ts";
import { fileProblem, GONE, namesIfReadable } from "../base/files.ts";
import type { Artifact, Key, Task } from "../stage.ts";
import type { FileDigests } from "../base/digests.ts";
import { artifactDigest, folderOf, identityOf } from "../tasks/key.ts";
import { isOfArtifact } from "./staging_place.ts";
import { type ArtifactFile, FORMAT, readArtifactFile, readElsewhere, readFormat } from "./artifact_record.ts";
import { type Read, readRecord } from "../base/sealed_json.ts";
import type { Workspace } from "../base/workspace.ts";

/**
 * The artifact in a folder; undefined where there is none, its record is damaged, or an earlier version of
 * the engine wrote it. Throws an Error where a later version wrote it.
 */
export async function readArtifact(dir: string): Promise<Artifact | undefined> {
  const path = join(dir, "artifact.json");
  const file = await readArtifactFile(path);
  if (file === undefined) return await refuseLater(dir, await readFormat(path));
  const artifact = artifactIn(dir, file);
  const elsewhere = await readElsewhere(join(dir, "elsewhere.json"));
  return elsewhere === undefined ? artifact : { ...artifact, elsewhere };
}

function refuseLater(dir: string, format = 0): undefined {
  if (format <= FORMAT) return undefined;
  throw new Error(
    `Cannot read ${dir}: it is of format ${format}, expected ${FORMAT}, use the version of the code that ` +
      `wrote it, or delete every result with "deno task clean --all" and start over`,
  );
}

/** True where an earlier version of the engine wrote the folder's artifact; its key cannot be compared. */
export async function isEarlier(dir: string): Promise<boolean> {
  const format = await readFormat(join(dir, "artifact.json"));
  return format !== undefined && format < FORMAT;
}

/** True where a task has artifacts from an earlier version of the engine. */
export async function hasEarlier({ artifacts }: Workspace, place: string): Promise<boolean> {
  const folder = join(artifacts, place);
  const found = await Promise.all(namesIfReadable(folder).map((name) => isEarlier(join(folder, name))));
  return found.includes(true);
}

/** The artifact that a record in the folder `dir` describes. */
export function artifactIn(dir: string, file: ArtifactFile): Artifact {
  const files = Object.fromEntries(Object.entries(file.files).map(([name, { digest }]) => [name, digest]));
  const { task, point, key, modules, meta, digest } = file;
  return { task, point, key, modules, meta, digest, dir, files };
}

/** Every artifact of a task, whatever its key. */
export async function artifactsOf(workspace: Workspace, place: string): Promise<Artifact[]> {
  const folder = join(workspace.artifacts, place);
  const found = await Promise.all(namesIfReadable(folder).map((name) => readArtifact(join(folder, name))));
  return found.filter((artifact) => artifact !== undefined);
}

/**
 * The artifact of a key. Without `strict` any environment serves, the key's own first, so that an archive is
 * not recomputed on another machine.
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
  const others = namesIfReadable(folder).filter((name) => name !== exact && name.startsWith(prefix));
  for (const name of strict ? [exact] : [exact, ...others]) {
    const artifact = await readArtifact(join(folder, name));
    if (artifact === undefined || identityOf(artifact.key) !== identity) continue;
    if (!strict || canonical(artifact.key.environment) === canonical(key.environment)) return artifact;
  }
}

/** The condition of an artifact's files. */
export interface Condition {
  /** Names of files that differ from their digest or cannot be read, with the reason. */
  readonly damaged: readonly string[];
  /** Files that are missing because an archive left them out. */
  readonly absent: readonly string[];
}

export interface InspectOptions {
  readonly digests: FileDigests;
  /** Reads every byte, whatever is cached. @default false */
  readonly rehash?: boolean;
  /** Files or folders that must be present even if an archive left them out. */
  readonly needed?: readonly string[];
}

/** Checks every file of an artifact. Other files in its folder are no damage: see `strays.ts`. */
export async function inspect(
  artifact: Artifact,
  { digests, rehash = false, needed = [] }: InspectOptions,
): Promise<Condition> {
  const isSound = artifactDigest(artifact) === artifact.digest && isInPlace(artifact);
  const damaged = isSound ? [] : ["artifact.json"];
  const absent: string[] = [];
  const elsewhere = new Set(artifact.elsewhere);
  for (const [name, digest] of Object.entries(artifact.files)) {
    const path = join(artifact.dir, name);
    const found = rehash ? await digests.rehashed(path) : await digests.remembered(path);
    if (found === digest) continue;
    const problem = found === undefined ? await fileProblem(path) ?? "cannot be read" : undefined;
    const isElsewhere = elsewhere.has(name) && !needed.some((path) => isAt(path, name));
    if (problem === GONE && isElsewhere) absent.push(name);
    else damaged.push(problem === undefined ? name : `${name} (${problem})`);
  }
  return { damaged, absent };
}

/** Damaged files of an artifact; empty for a sound one. */
export async function damagedFiles(artifact: Artifact, options: InspectOptions): Promise<readonly string[]> {
  return (await inspect(artifact, options)).damaged;
}

/** True for the file itself, or a file in the folder. */
function isAt(path: string, name: string): boolean {
  return name === path || name.startsWith(`${path}/`);
}

/** Damaged records beside an artifact, which its digest does not cover. */
export async function damagedRecord({ dir }: Artifact): Promise<string[]> {
  const [run, elsewhere] = [
    await readRecord(join(dir, "run.json")),
    await readRecord(join(dir, "elsewhere.json")),
  ];
  return [
    ...(run.type === "sound" ? [] : [named("run.json", run)]),
    ...(elsewhere.type === "damaged" ? [named("elsewhere.json", elsewhere)] : []),
  ];
}

function named(name: string, read: Read<unknown>): string {
  const problem = read.type === "missing" ? GONE : read.type === "damaged" ? read.problem : undefined;
  return problem === undefined ? name : `${name} (${problem})`;
}

/** True where the artifact's folder follows from its task, point and key, which its digest does not cover. */
export function isInPlace({ task, point, key, dir }: Artifact): boolean {
  const values = Object.values(point);
  const [id, place] = values.length === 0
    ? [key.stage, "main"]
    : [`${key.stage}[${values.join(",")}]`, values.join("-")];
  return task === id && dir.split(sep).slice(-3).join("/") === `${key.stage}/${place}/${folderOf(key)}`;
}

/** Every artifact of the store, used by a profile or not. `strays.ts` handles everything else there. */
export async function* artifactsIn(
  workspace: Workspace,
): AsyncGenerator<{ readonly dir: string; readonly artifact: Artifact | undefined }> {
  for (const dir of await artifactFolders(workspace)) yield { dir, artifact: await readArtifact(dir) };
}

/** Folders of artifacts in the store, readable or not. */
export async function artifactFolders(workspace: Workspace): Promise<string[]> {
  const foldersIn = (path: string) =>
    namesIfReadable(path).filter((name) => !name.startsWith(".")).map((name) => join(path, name));
  const found: string[] = [];
  for (const dir of foldersIn(workspace.artifacts).flatMap(foldersIn).flatMap(foldersIn)) {
    if (await isOfArtifact(dir)) found.push(dir);
  }
  return found;
}
