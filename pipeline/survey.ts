/**
 * What lies in the store, and what it is good for: the graphs of all profiles decide.
 *
 * @module
 */
import { dirname, join, relative, sep } from "node:path";
import { digestOf } from "./canonical.ts";
import { type Engine, openEngine } from "./engine.ts";
import { exists, lstatIfAny, namesIfReadable, sizeOf } from "./files.ts";
import { FileDigests } from "./hash.ts";
import { identityOf } from "./key.ts";
import type { Pipeline } from "./pipeline.ts";
import { assessAll, type Status } from "./plan.ts";
import { leftBeside } from "./place.ts";
import { profileNames } from "./profile.ts";
import { differences } from "./reasons.ts";
import type { ScratchOwner } from "./records.ts";
import { isHeld, scratchIn } from "./scratch.ts";
import { artifactFolders, artifactsIn, damagedFiles, isInPlace, readArtifact } from "./store.ts";
import type { Artifact } from "./types.ts";
import type { Workspace } from "./workspace.ts";

/**
 * `fresh`: the artifact of a task. `stale`: not that, but it may be again once its inputs are built, or another numeric
 * environment made it, or it is the last result of a task that has to run, which reasons and times come from. So are
 * checkpoints whose result is not in the store: by which `--set` it was begun no profile says.
 * `unneeded`: no profile's graph has a use for it.
 */
export type Use = "fresh" | "stale" | "unneeded";

/** Something in the store. */
export interface Holding {
  readonly kind: "artifact" | "checkpoint" | "unfinished" | "trash" | "logs" | "cache";
  /** Absolute. */
  readonly path: string;
  readonly bytes: number;
  readonly use: Use;
  /** Task id; null where it is not known or there is none. */
  readonly task: string | null;
  /** Profiles for which it is fresh. */
  readonly profiles: readonly string[];
}

/** Everything in the store. Throws a UsageError where a profile cannot be read: what it needs is then not known. */
export async function survey(pipeline: Pipeline, workspace: Workspace): Promise<readonly Holding[]> {
  const needs: Need[] = [];
  for (const profile of profileNames(workspace)) {
    needs.push(...await needsOf(await openEngine(pipeline, { profile })));
  }
  return [
    ...await artifacts(workspace, needs),
    ...await checkpoints(workspace),
    ...await folder(workspace.staging, "unfinished"),
    ...await folder(workspace.trash, "trash"),
    ...await folder(workspace.logs, "logs"),
    ...await folder(workspace.cache, "cache"),
    ...await besideArtifacts(workspace),
  ];
}

/** A task of a profile, as the profile stands now. */
interface Need {
  readonly profile: string;
  readonly status: Status;
}

async function needsOf(engine: Engine): Promise<Need[]> {
  const statuses = await assessAll(engine);
  await engine.digests.save();
  return [...statuses.values()].map((status) => ({ profile: engine.profile.name, status }));
}

async function artifacts(workspace: Workspace, needs: readonly Need[]): Promise<Holding[]> {
  const byPlace = Map.groupBy(needs, ({ status }) => status.task.place);
  const found: Holding[] = [];
  for await (const { dir, artifact } of artifactsIn(workspace)) {
    if (!isTheEngines(artifact)) continue;
    const place = relative(workspace.artifacts, dirname(dir)).split(sep).join("/");
    const readers = byPlace.get(place) ?? [];
    const profiles = readers.filter(({ status }) =>
      status.key && status.artifact?.dir === dir && isDone(status)
    )
      .map(({ profile }) => profile);
    const isStale = artifact !== undefined &&
      readers.some(({ status }) => status.artifact?.dir === dir || serves(artifact, status));
    found.push({
      kind: "artifact",
      path: dir,
      bytes: await sizeOf(dir),
      use: profiles.length > 0 ? "fresh" : isStale ? "stale" : "unneeded",
      task: artifact?.task ?? null,
      profiles,
    });
  }
  return found;
}

function isDone({ state }: Status): boolean {
  return state === "fresh" || state === "damaged";
}

/** Nothing that is known of the task's key differs: whatever its unknown inputs turn out to be, this may be it. */
function serves(artifact: Artifact, { wanted, key }: Pick<Status, "wanted" | "key">): boolean {
  return key === undefined
    ? differences(artifact, wanted).length === 0
    : identityOf(artifact.key) === identityOf(key);
}

async function checkpoints(workspace: Workspace): Promise<Holding[]> {
  const found: Holding[] = [];
  for await (const { path, owner } of scratchIn(workspace)) {
    const bytes = await sizeOf(path);
    // What was interrupted before its first checkpoint has nothing to go on from.
    const kind = bytes === 0 ? "unfinished" : "checkpoint";
    const isUseless = bytes === 0 || (owner !== undefined && await isDoneFor(workspace, owner));
    const use: Use = isUseless && !await isHeld(path) ? "unneeded" : "stale";
    found.push({ kind, path, bytes, use, task: owner?.task ?? null, profiles: [] });
  }
  return found;
}

/** The result is there and sound: the way to it is no longer needed. */
async function isDoneFor(workspace: Workspace, { task, key }: ScratchOwner): Promise<boolean> {
  const digests = await FileDigests.open(join(workspace.cache, "digests.json"));
  for await (const { artifact } of artifactsIn(workspace)) {
    if (artifact === undefined || artifact.task !== task || digestOf(artifact.key) !== digestOf(key)) {
      continue;
    }
    return (await damagedFiles(artifact, { digests, rehash: true })).length === 0;
  }
  return false;
}

/** A folder of the engine's own; what is unfinished or in the trash is needed by nobody once no engine runs. */
async function folder(path: string, kind: Holding["kind"]): Promise<Holding[]> {
  if (!await exists(path) || namesIfReadable(path).length === 0) return [];
  const use = kind === "unfinished" || kind === "trash" ? "unneeded" : "stale";
  return [{ kind, path, bytes: await sizeOf(path), use, task: null, profiles: [] }];
}

/** What an engine that was killed has left on disks of their own. */
async function besideArtifacts(workspace: Workspace): Promise<Holding[]> {
  const { remains } = leftBeside(workspace);
  return (await Promise.all(remains.map((path) => folder(path, "unfinished")))).flat();
}

/** All that the engine has put into the store: it is unneeded then, but checkpoints of unfinished runs. */
export async function everything(workspace: Workspace): Promise<Holding[]> {
  const isOnTheWay = (await checkpoints(workspace)).some(({ use }) => use === "stale");
  const found: Holding[] = [];
  for (const [name, kind] of Object.entries(OWN)) {
    const path = join(workspace.artifacts, name);
    if (!(await lstatIfAny(path))?.isDirectory) continue;
    const use = kind === "checkpoint" && isOnTheWay ? "stale" : "unneeded";
    found.push({ kind, path, bytes: await sizeOf(path), use, task: null, profiles: [] });
  }
  for (const path of await artifactFolders(workspace)) {
    // Of whatever version.
    const artifact = await readArtifact(path).catch(() => undefined);
    if (!isTheEngines(artifact)) continue;
    const task = artifact?.task ?? null;
    found.push({ kind: "artifact", path, bytes: await sizeOf(path), use: "unneeded", task, profiles: [] });
  }
  return [...found, ...await besideArtifacts(workspace)];
}

/** A copy under another name, or what a link of the user's leads to, is nobody's to remove. */
function isTheEngines(artifact: Artifact | undefined): boolean {
  return artifact === undefined || isInPlace(artifact);
}

/** The engine's own folders. */
const OWN: Readonly<Record<string, Holding["kind"]>> = {
  ".aside": "unfinished",
  ".staging": "unfinished",
  ".scratch": "checkpoint",
  ".trash": "trash",
  ".logs": "logs",
  ".cache": "cache",
};

/** Where a run that was interrupted goes on from. */
export function isUnfinished({ kind, use }: Holding): boolean {
  return kind === "checkpoint" && use === "stale";
}

/** Sum of sizes. */
export function bytesOf(holdings: readonly Holding[]): number {
  return holdings.reduce((sum, { bytes }) => sum + bytes, 0);
}
