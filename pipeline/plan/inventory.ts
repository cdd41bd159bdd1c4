/**
 * The contents of the store and their use, according to the graphs of all profiles.
 *
 * @module
 */
import { dirname, join, relative, sep } from "node:path";
import { digestOf } from "../base/json.ts";
import { type Engine, openEngine } from "./engine.ts";
import { exists, lstatIfAny, namesIfReadable, sizeOf } from "../base/files.ts";
import { FileDigests } from "../base/digests.ts";
import { identityOf } from "../tasks/key.ts";
import type { Pipeline } from "../workflow.ts";
import { assessAll, type Status } from "./plan.ts";
import { leftBeside } from "../store/staging_place.ts";
import { profileNames } from "../tasks/profile.ts";
import { differences } from "../tasks/key_changes.ts";
import type { ScratchOwner } from "../store/artifact_record.ts";
import { isHeld, scratchIn } from "../store/checkpoints.ts";
import { artifactFolders, artifactsIn, damagedFiles, isInPlace, readArtifact } from "../store/artifacts.ts";
import type { Artifact } from "../stage.ts";
import type { Workspace } from "../base/workspace.ts";

/**
 * `fresh`: a task's current artifact. `stale`: it may become current once its inputs are built, or another
 * numeric environment made it, or it is the last result of a task that must run, a source of reasons and
 * times. So are checkpoints whose result is not in the store, as no profile tells which `--set` began them.
 * `unneeded`: no profile's graph uses it.
 */
export type Use = "fresh" | "stale" | "unneeded";

/** A part of the store. */
export interface Holding {
  readonly kind: "artifact" | "checkpoint" | "unfinished" | "trash" | "logs" | "cache";
  /** Absolute path. */
  readonly path: string;
  readonly bytes: number;
  readonly use: Use;
  /** Task id; null where it is unknown or there is none. */
  readonly task: string | null;
  /** Profiles for which it is fresh. */
  readonly profiles: readonly string[];
}

/** Everything in the store. Throws a UsageError for an unreadable profile, as its needs are unknown. */
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

/** A task of a profile in its present form. */
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

/** True where no known part of the task's key differs, so that the artifact may serve. */
function serves(artifact: Artifact, { wanted, key }: Pick<Status, "wanted" | "key">): boolean {
  return key === undefined
    ? differences(artifact, wanted).length === 0
    : identityOf(artifact.key) === identityOf(key);
}

async function checkpoints(workspace: Workspace): Promise<Holding[]> {
  const found: Holding[] = [];
  for await (const { path, owner } of scratchIn(workspace)) {
    const bytes = await sizeOf(path);
    // A run interrupted before its first checkpoint has nothing to continue from.
    const kind = bytes === 0 ? "unfinished" : "checkpoint";
    const isUseless = bytes === 0 || (owner !== undefined && await isDoneFor(workspace, owner));
    const use: Use = isUseless && !await isHeld(path) ? "unneeded" : "stale";
    found.push({ kind, path, bytes, use, task: owner?.task ?? null, profiles: [] });
  }
  return found;
}

/** True where the result exists and is sound, so that the checkpoints are no longer needed. */
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

/** A folder of the engine's own; unfinished files and trash are unneeded once no engine runs. */
async function folder(path: string, kind: Holding["kind"]): Promise<Holding[]> {
  if (!await exists(path) || namesIfReadable(path).length === 0) return [];
  const use = kind === "unfinished" || kind === "trash" ? "unneeded" : "stale";
  return [{ kind, path, bytes: await sizeOf(path), use, task: null, profiles: [] }];
}

/** Files that a killed engine left on other disks. */
async function besideArtifacts(workspace: Workspace): Promise<Holding[]> {
  const { remains } = leftBeside(workspace);
  return (await Promise.all(remains.map((path) => folder(path, "unfinished")))).flat();
}

/** Everything that the engine has put into the store: unneeded, except checkpoints of unfinished runs. */
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
    // Artifacts of any version count.
    const artifact = await readArtifact(path).catch(() => undefined);
    if (!isTheEngines(artifact)) continue;
    const task = artifact?.task ?? null;
    found.push({ kind: "artifact", path, bytes: await sizeOf(path), use: "unneeded", task, profiles: [] });
  }
  return [...found, ...await besideArtifacts(workspace)];
}

/** False for a copy under another name and a user's link, which the engine may not remove. */
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

/** True for checkpoints from which an interrupted run can continue. */
export function isUnfinished({ kind, use }: Holding): boolean {
  return kind === "checkpoint" && use === "stale";
}

/** Total size, bytes. */
export function bytesOf(holdings: readonly Holding[]): number {
  return holdings.reduce((sum, { bytes }) => sum + bytes, 0);
}
