/**
 * A side of a comparison: a state of the workflow, task by task.
 *
 *     PROFILE      the store at a profile: quick
 *     TASK         a task of a profile as the store has it, with its upstream: train[cnn,0]
 *     ARTIFACT     a folder of the store, with its upstream: artifacts/train/cnn-0/1f2e3d4c5b6a7988
 *     ARCHIVE      all artifacts in a file of `deno task archive`: treenet-quick-….zip
 *
 * @module
 */
import { resolve } from "node:path";
import { openEngine } from "../plan/engine.ts";
import { UsageError } from "../base/errors.ts";
import { tasksNamed } from "../tasks/graph.ts";
import type { Keyed } from "../tasks/key_changes.ts";
import { pathFrom } from "../base/user_paths.ts";
import { suggestion } from "../base/suggestion.ts";
import type { Pipeline } from "../workflow.ts";
import { assessAll, type Status } from "../plan/plan.ts";
import { profileNamed, profileNames } from "../tasks/profile.ts";
import { latest } from "../store/origin.ts";
import { artifactsIn, readArtifact } from "../store/artifacts.ts";
import type { Artifact, Digest, Json } from "../stage.ts";
import { shown, type Workspace, workspaceAt } from "../base/workspace.ts";

/** A task on one side. */
export interface Entry extends Keyed {
  readonly task: string;
  /** Null where there is no valid artifact: it is missing, stale or damaged. */
  readonly digest: Digest | null;
  readonly meta: Json;
  /** Path relative to the repository, or to the archive's bag. */
  readonly dir: string | null;
}

/** One side of a comparison. */
export interface Side {
  /** The name that the user gave. */
  readonly name: string;
  /** Tasks with their inputs first. */
  readonly entries: readonly Entry[];
  /** The task of a side that is about one task. */
  readonly root?: string;
  /** Inputs whose artifact is no longer in the store. */
  readonly lost: readonly string[];
}

/** Finds a side by the name that the user typed. Throws a UsageError where there is none. */
export async function sideOf(
  pipeline: Pipeline,
  name: string,
  { profile, here }: {
    /** The profile in which a TASK is found. */
    readonly profile: string;
    /** The user's folder. */
    readonly here: string;
  },
): Promise<Side> {
  const workspace = workspaceAt(pipeline.root);
  const profileName = name.endsWith(".json") ? profileNamed(pipeline, name, here) : name;
  if (profileNames(workspace).includes(profileName)) return await sideOfProfile(pipeline, profileName);
  if (/\.zip$/i.test(name)) return await sideOfArchive(name, pathFrom(here, name));
  // Commands show folders of the store relative to the root.
  const artifact = await readArtifact(pathFrom(here, name)) ??
    await readArtifact(resolve(workspace.root, name));
  if (artifact !== undefined) return await sideOfArtifact(workspace, name, artifact);
  if (name.includes("/")) {
    throw new UsageError(
      `Cannot compare "${name}": no artifact is there, expected a folder with artifact.json`,
    );
  }
  return await sideOfTask(pipeline, name, profile);
}

async function sideOfProfile(pipeline: Pipeline, name: string): Promise<Side> {
  const engine = await openEngine(pipeline, { profile: name });
  const statuses = await assessAll(engine);
  await engine.digests.save();
  return { name, entries: [...statuses.values()].map((each) => entryOf(engine.workspace, each)), lost: [] };
}

/** The artifacts of an archive in its crate's order; `verify` checks their bytes, this does not. */
async function sideOfArchive(name: string, path: string): Promise<Side> {
  const { Archive } = await import("../archive/open.ts");
  const { readCrate } = await import("../archive/crate/read_crate.ts");
  const { readArtifacts } = await import("../archive/check_artifacts.ts");
  using archive = await Archive.open(path);
  const made = await readArtifacts(archive, await readCrate(archive));
  return { name, entries: made.map(({ artifact }) => artifact), lost: [] };
}

function entryOf(workspace: Workspace, { task, state, artifact, wanted }: Status): Entry {
  if (state !== "fresh" || artifact === undefined) {
    return { task: task.id, ...wanted, digest: null, meta: null, dir: null };
  }
  return ofArtifact(workspace, artifact);
}

function ofArtifact(workspace: Workspace, artifact: Artifact): Entry {
  return { ...artifact, dir: shown(workspace, artifact.dir) };
}

async function sideOfTask(pipeline: Pipeline, name: string, profile: string): Promise<Side> {
  const engine = await openEngine(pipeline, { profile });
  const known = [...profileNames(engine.workspace), ...engine.tasks.map(({ id }) => id)];
  const task = engine.tasks.find(({ id }) => id === name);
  if (task === undefined) {
    const isStage = engine.tasks.some(({ stage }) => stage.name === name);
    const hint = isStage
      ? `, name one of its tasks: ${tasksNamed(engine.tasks, name).map(({ id }) => id).join(", ")}`
      : suggestion(name, known);
    throw new UsageError(`Cannot compare "${name}": no such profile or task${hint}`);
  }
  const { state, artifact } = (await assessAll(engine)).get(task)!;
  if (state === "fresh") return await sideOfArtifact(engine.workspace, name, artifact!);
  throw new UsageError(
    `Cannot compare ${name}: it is ${state} in profile "${profile}", build it or name the folder of one of its artifacts`,
  );
}

/** An artifact and its upstream as far as the store still holds it, inputs first. */
async function sideOfArtifact(workspace: Workspace, name: string, root: Artifact): Promise<Side> {
  const all: Artifact[] = [];
  for await (const { artifact } of artifactsIn(workspace)) if (artifact) all.push(artifact);
  const byDigest = Map.groupBy(all, ({ digest }) => digest);
  const entries = new Map<string, Entry>();
  const lost = new Set<string>();
  const visit = async (artifact: Artifact) => {
    if (entries.has(artifact.task)) return;
    for (const [input, digest] of Object.entries(artifact.key.inputs)) {
      const found = await latest(
        (byDigest.get(digest) ?? []).filter((each) => isInput(each, input, artifact)),
      );
      if (found === undefined) lost.add(`${input} of ${artifact.task}`);
      else await visit(found);
    }
    entries.set(artifact.task, ofArtifact(workspace, artifact));
  };
  await visit(root);
  return { name, entries: [...entries.values()], root: root.task, lost: [...lost] };
}

/** Picks an input among equal artifacts: the key names its task, or it lies on its reader's axes. */
function isInput(candidate: Artifact, input: string, reader: Artifact): boolean {
  const [, id] = input.split(" ");
  if (id !== undefined) return candidate.task === id;
  return Object.entries(candidate.point).every(([axis, value]) => reader.point[axis] === value);
}
