/**
 * Restores an archive's artifacts into a store.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { exists, removeIfAny, sync, writeAtomically } from "../base/files.ts";
import { FileDigests } from "../base/digests.ts";
import { attemptNumber, lastLog } from "../child/log_file.ts";
import { makeOwnFolder } from "../base/own_files.ts";
import type { Pipeline } from "../workflow.ts";
import { asideOf, refuseUnusable, stagingFor } from "../store/staging_place.ts";
import { recordText, rememberFile, replaceFolder } from "../store/seal_artifact.ts";
import { damagedFiles, readArtifact } from "../store/artifacts.ts";
import { putStraysBeside } from "../store/strays.ts";
import type { Artifact } from "../stage.ts";
import { count } from "../base/quantities.ts";
import { type Workspace, workspaceAt } from "../base/workspace.ts";
import { type Made, STORE } from "./check_artifacts.ts";
import { ArchiveError } from "../base/file_names.ts";
import { Archive } from "./open.ts";
import { checkArchive, type Verdict } from "./verify_archive.ts";

export interface Restored {
  readonly task: string;
  readonly state: "restored" | "there already";
  /** Folder of the artifact in the store. */
  readonly dir: string;
  /** The number of its files that are neither in the archive nor in the store. */
  readonly elsewhere: number;
}

export interface RestoreOptions {
  /** The digest that the archive must have. */
  readonly digest?: string;
  /** Called when copying begins; the signal it returns stops the copying. */
  readonly stopping?: () => Disposable & { readonly signal: AbortSignal };
  /** Replaces sound artifacts of the store that have other bytes under the same key. @default false */
  readonly replace?: boolean;
}

/** An artifact of the archive, and the artifact that the store has in its place. */
interface Placing {
  readonly artifact: Artifact;
  readonly dir: string;
  readonly there: Artifact | undefined;
  /** Names of the files that the archive holds. */
  readonly packed: readonly string[];
  /** Names of its files that the archive lacks and the store holds undamaged. */
  readonly kept: readonly string[];
  /** `other` means that the store has a sound artifact with other bytes. */
  readonly state: "same" | "other" | "absent";
}

/**
 * Checks an archive as `verify` does and copies its artifacts and logs; the caller holds the store's lock. An
 * artifact stays as it is where the store already has all its packed files. Throws an ArchiveError, before
 * anything is copied, where the archive is unsound or a sound artifact would be replaced without `replace`.
 */
export async function restoreArchive(
  pipeline: Pipeline,
  path: string,
  { digest, replace = false, stopping = never }: RestoreOptions = {},
): Promise<readonly Restored[]> {
  const workspace = workspaceAt(pipeline.root);
  using archive = await Archive.open(path);
  const { verdict, made } = await checkArchive(pipeline, archive, { digest });
  refuseUnsound(verdict);
  await Deno.mkdir(workspace.cache, { recursive: true });
  const digests = await FileDigests.open(join(workspace.cache, "digests.json"));
  const placings: Placing[] = [];
  for (const each of made) placings.push(await placing(workspace, each, { archive, digests }));
  if (!replace) refuseOthers(placings);
  using stop = stopping();
  const restored = await placeAll(workspace, placings, { archive, digests, signal: stop.signal });
  await restoreLogs(workspace, archive);
  await digests.save();
  return restored;
}

function refuseUnsound({ checks }: Verdict): void {
  const findings = checks.flatMap(({ findings }) => findings);
  if (findings.length === 0) return;
  const [{ where, problem }] = findings;
  const more = findings.length > 1 ? ` (and ${findings.length - 1} more)` : "";
  throw new ArchiveError(`Cannot restore the archive: ${where} ${problem}${more}, see deno task verify`);
}

function refuseOthers(placings: readonly Placing[]): void {
  const tasks = placings.filter(({ state }) => state === "other").map(({ artifact }) => artifact.task);
  if (tasks.length === 0) return;
  const names = [...tasks.slice(0, 5), ...(tasks.length > 5 ? [`${tasks.length - 5} more`] : [])].join(", ");
  throw new ArchiveError(
    `Cannot restore the archive: the store has sound artifacts of other bytes under the same keys (${names}), ` +
      `nothing was copied; --replace takes the archive's in their place`,
  );
}

/** Compares an artifact of the archive with the store; changes nothing. */
async function placing(
  workspace: Workspace,
  { artifact }: Made,
  { archive, digests }: { readonly archive: Archive; readonly digests: FileDigests },
): Promise<Placing> {
  const dir = join(workspace.artifacts, artifact.dir.slice(STORE.length, -1));
  await refuseUnusable(workspace, placeOf(artifact));
  const there = await readArtifact(dir);
  const names = Object.keys(artifact.files);
  const packed = names.filter((name) => archive.files.has(artifact.dir + name));
  const isSame = there?.digest === artifact.digest;
  const needed = isSame ? packed : [];
  const isSound = there !== undefined &&
    (await damagedFiles(there, { digests, rehash: true, needed })).length === 0;
  const kept: string[] = [];
  for (const name of names.filter((name) => !packed.includes(name))) {
    if (await digests.rehashed(join(dir, name)) === artifact.files[name]) kept.push(name);
  }
  return { artifact, dir, there, packed, kept, state: !isSound ? "absent" : isSame ? "same" : "other" };
}

function placeOf({ dir }: Artifact): string {
  return dirname(dir.slice(STORE.length, -1));
}

function never(): Disposable & { readonly signal: AbortSignal } {
  return { signal: new AbortController().signal, [Symbol.dispose]: () => {} };
}

interface Copying {
  readonly archive: Archive;
  readonly digests: FileDigests;
  readonly signal: AbortSignal;
}

/** Copies the artifacts. Each is in the store completely or not at all, and nothing unfinished stays. */
async function placeAll(
  workspace: Workspace,
  placings: readonly Placing[],
  copying: Copying,
): Promise<readonly Restored[]> {
  const restored: Restored[] = [];
  for (const each of placings) {
    try {
      restored.push(await place(workspace, each, copying));
    } catch (cause) {
      const done = `${restored.length} of ${count(placings.length, "artifact")} are in the store`;
      if (copying.signal.aborted) throw new Error(`Stopped: ${done}, the same command copies the rest`);
      const way = "the same command copies the rest once the cause is gone";
      throw new Error(`Cannot restore ${each.artifact.task}: ${done}, ${way}`, { cause });
    }
  }
  return restored;
}

async function place(
  workspace: Workspace,
  { artifact, dir, there, packed, kept, state }: Placing,
  { archive, digests, signal }: Copying,
): Promise<Restored> {
  const absent = Object.keys(artifact.files).filter((name) => !packed.includes(name) && !kept.includes(name));
  const result = { task: artifact.task, dir, elsewhere: absent.length };
  if (state === "same") return { ...result, state: "there already" };
  const staging = await stagingFor(workspace, placeOf(artifact));
  try {
    await archive.unpack(artifact.dir, staging, () => {
      signal.throwIfAborted();
      return true;
    });
    for (const name of kept) await copyInto(join(dir, name), join(staging, name));
    await writeElsewhere(join(staging, "elsewhere.json"), absent);
    for (const name of [...packed, ...kept]) await sync(join(staging, name));
    if (there !== undefined) await putStraysBeside(there);
    await replaceFolder({ from: staging, to: dir, aside: asideOf(dir) });
  } finally {
    await removeIfAny(staging);
  }
  for (const name of packed) {
    await rememberFile(join(dir, name), { digests, digest: artifact.files[name] });
  }
  return { ...result, state: "restored" };
}

async function copyInto(from: string, to: string): Promise<void> {
  await Deno.mkdir(dirname(to), { recursive: true });
  await Deno.copyFile(from, to);
}

async function writeElsewhere(path: string, names: readonly string[]): Promise<void> {
  if (names.length === 0) await removeIfAny(path);
  else await writeAtomically(path, recordText({ files: [...names].sort() }));
}

/** Copies the logs of tasks that have none here: another machine's log must not appear as the last one. */
async function restoreLogs(workspace: Workspace, archive: Archive): Promise<void> {
  const logs = `${STORE}.logs/`;
  const packed = [...archive.files.keys()].filter((name) => name.startsWith(logs));
  for (const [place, names] of Map.groupBy(packed, (name) => dirname(name.slice(logs.length)))) {
    if (lastLog(workspace, place) !== undefined) continue;
    for (const name of names.filter((name) => attemptNumber(basename(name)) > 0)) {
      const path = join(workspace.logs, place, basename(name));
      if (await exists(path)) continue;
      await makeOwnFolder(workspace, workspace.artifacts, ".logs", ...place.split("/"));
      await archive.unpackFile(name, path);
    }
  }
}
