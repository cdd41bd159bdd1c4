/**
 * Publishes into the store: a stage's staging folder becomes an artifact in one rename, or not at all.
 *
 * @module
 */
import { dirname, join } from "node:path";
import {
  exists,
  lstatIfAny,
  removeIfAny,
  removeIfEmpty,
  sync,
  walk,
  writeAtomically,
} from "../base/files.ts";
import type { Artifact, Digest, Json, Key, Task } from "../stage.ts";
import { type FileDigests, hashFile, stampOf } from "../base/digests.ts";
import { artifactDigest, folderOf } from "../tasks/key.ts";
import { type ArtifactFile, FORMAT, RESERVED } from "./artifact_record.ts";
import { asideOf } from "./staging_place.ts";
import { putBack } from "./recover.ts";
import { sealed } from "../base/sealed_json.ts";
import { keepStrays } from "./strays.ts";
import { damagedFiles, readArtifact } from "./artifacts.ts";
import type { Workspace } from "../base/workspace.ts";

/** Everything needed to seal an artifact. */
export interface Draft {
  readonly task: Task;
  readonly key: Key;
  readonly modules: ArtifactFile["modules"];
  /** The folder where the stage wrote its files. */
  readonly staging: string;
  readonly meta: Json;
  /** Content of `run.json`. */
  readonly run: object;
}

/**
 * Checks, hashes and seals a draft. The last good artifact stays until the new one is complete. Throws an
 * Error where a declared output is missing or an output is no plain file.
 */
export async function seal(workspace: Workspace, draft: Draft, digests: FileDigests): Promise<Artifact> {
  const files = await sealFiles(draft);
  const { task, key, modules, meta, staging } = draft;
  const byName = Object.entries(files).map(([name, file]) => [name, file.digest]);
  const digest = artifactDigest({ files: Object.fromEntries(byName), meta });
  const dir = join(workspace.artifacts, task.place, folderOf(key));
  const same = await sealAgain(dir, { digest, draft, digests });
  if (same) return same;
  const content: ArtifactFile = {
    format: FORMAT,
    task: task.id,
    point: task.point,
    key,
    modules,
    files,
    meta,
    digest,
  };
  await writeSynced(join(staging, "artifact.json"), content);
  await writeSynced(join(staging, "run.json"), draft.run);
  for (const folder of foldersOf(Object.keys(files))) await sync(join(staging, folder));
  await keepStrays(dir);
  await replaceFolder({ from: staging, to: dir, aside: asideOf(dir) });
  for (const [name, file] of Object.entries(files)) {
    await rememberFile(join(dir, name), { digests, digest: file.digest });
  }
  return (await readArtifact(dir))!;
}

/** The sound artifact that already holds these bytes, with the new run's record; undefined if none does. */
async function sealAgain(
  dir: string,
  { digest, draft, digests }: {
    readonly digest: Digest;
    readonly draft: Draft;
    readonly digests: FileDigests;
  },
): Promise<Artifact | undefined> {
  // A link is replaced, not followed, and a file never replaces a folder.
  const [folder, record] = [await lstatIfAny(dir), await lstatIfAny(join(dir, "run.json"))];
  const old = folder?.isDirectory && !record?.isDirectory ? await readArtifact(dir) : undefined;
  const needed = Object.keys(old?.files ?? {});
  if (old?.digest !== digest || (await damagedFiles(old, { digests, rehash: true, needed })).length > 0) {
    return undefined;
  }
  await writeAtomically(join(dir, "run.json"), recordText(draft.run), {
    temporary: join(draft.staging, "run.json"),
  });
  return old;
}

type Files = ArtifactFile["files"];

async function sealFiles({ task, staging }: Draft): Promise<Files> {
  const found = await walk(staging);
  const names = found.map(({ name }) => name);
  const missing = task.stage.outputs.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    throw new Error(
      `Cannot publish ${task.id}: its output ${missing.join(", ")} is missing, the stage must write it`,
    );
  }
  const bad = found.find(({ name, isFile }) => !isFile || RESERVED.some((reserved) => reserved === name));
  if (bad) {
    const what = bad.isFile ? "the engine's" : bad.isSymlink ? "a link" : "no plain file";
    throw new Error(`Cannot publish ${task.id}: ${bad.name} is ${what}`);
  }
  const files: Record<string, Files[string]> = {};
  for (const name of names) files[name] = await sealFile(join(staging, name));
  return files;
}

async function sealFile(path: string): Promise<Files[string]> {
  const [digest, { size }] = [await hashFile(path), await Deno.stat(path)];
  await sync(path);
  return { digest, bytes: size };
}

async function writeSynced(path: string, record: object): Promise<void> {
  await Deno.writeTextFile(path, recordText(record));
  await sync(path);
}

/** The text of a record with its seal. */
export function recordText(record: object): string {
  return `${JSON.stringify(sealed(record), null, 2)}\n`;
}

function foldersOf(names: readonly string[]): Set<string> {
  return new Set(["", ...names.map((name) => dirname(name)).filter((folder) => folder !== ".")]);
}

/**
 * Replaces a folder. The old one is moved aside first, as a folder cannot be renamed onto another; after a
 * kill in between, the next run moves it back.
 */
export async function replaceFolder(
  { from, to, aside }: { readonly from: string; readonly to: string; readonly aside: string },
): Promise<void> {
  for (const path of [to, aside]) await Deno.mkdir(dirname(path), { recursive: true });
  await putBack({ aside, to });
  if (await exists(to)) await Deno.rename(to, aside);
  await Deno.rename(from, to);
  await sync(dirname(to));
  await removeIfAny(aside);
  await removeIfEmpty(dirname(aside));
}

/** Remembers the known digest of a file that was just put into place. */
export async function rememberFile(
  path: string,
  { digests, digest }: { readonly digests: FileDigests; readonly digest: Digest },
): Promise<void> {
  const stamp = await stampOf(path);
  if (stamp !== undefined) digests.remember(path, stamp, digest);
}
