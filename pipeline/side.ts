/**
 * What two sides of a comparison are: a state of the workflow, task by task.
 *
 *     PROFILE      the store at a profile: quick
 *     TASK         a task of a profile as the store has it, with all that it was made from: train[cnn,0]
 *     TASK@KEY     an artifact by the first digits of its folder's name, with all that it was made from: train[cnn,0]@1f2e
 *     FOLDER       the same by its path: artifacts/train/cnn-0/1f2e3d4c5b6a7988
 *     ARCHIVE      all that a file of `deno task archive` holds: treenet-quick-….zip
 *
 * @module
 */
import { basename, resolve } from "node:path";
import { openEngine } from "./engine.ts";
import { UsageError } from "./errors.ts";
import { tasksNamed } from "./graph.ts";
import type { Keyed } from "./reasons.ts";
import { pathFrom } from "./here.ts";
import { suggestion } from "./nearest.ts";
import type { Pipeline } from "./pipeline.ts";
import { assessAll, type Status } from "./plan.ts";
import { profileNamed, profileNames } from "./profile.ts";
import { latest } from "./origin.ts";
import { artifactsIn, readArtifact } from "./store.ts";
import type { Artifact, Digest, Json } from "./types.ts";
import { shown, type Workspace, workspaceAt } from "./workspace.ts";

/** A task on one side. */
export interface Entry extends Keyed {
  readonly task: string;
  /** Null where there is no valid artifact: it is not built, stale or damaged. */
  readonly digest: Digest | null;
  readonly meta: Json;
  /** Relative to the repository, or to the archive's bag. */
  readonly dir: string | null;
}

/** One side of a comparison. */
export interface Side {
  /** As the user named it. */
  readonly name: string;
  /** What comes later reads what comes before. */
  readonly entries: readonly Entry[];
  /** The task that the side is about, where it is about one. */
  readonly root?: string;
  /** Inputs whose artifact is no longer in the store. */
  readonly lost: readonly string[];
}

/** Finds a side by what the user typed. Throws a UsageError for what is none. */
export async function sideOf(
  pipeline: Pipeline,
  name: string,
  { profile, here }: {
    /** Where a TASK is looked up. */
    readonly profile: string;
    /** Where the user stands. */
    readonly here: string;
  },
): Promise<Side> {
  const workspace = workspaceAt(pipeline.root);
  const profileName = name.endsWith(".json") ? profileNamed(pipeline, name, here) : name;
  if (profileNames(workspace).includes(profileName)) return await sideOfProfile(pipeline, profileName);
  if (/\.zip$/i.test(name)) return await sideOfArchive(name, pathFrom(here, name));
  // Commands show folders of the store from the root.
  const artifact = await readArtifact(pathFrom(here, name)) ??
    await readArtifact(resolve(workspace.root, name));
  if (artifact !== undefined) return await sideOfArtifact(workspace, name, artifact);
  if (name.includes("/")) {
    throw new UsageError(
      `Cannot compare "${name}": no artifact is there, expected a folder with artifact.json`,
    );
  }
  const [task, key] = name.split("@");
  return key === undefined
    ? await sideOfTask(pipeline, name, profile)
    : await sideOfArtifact(workspace, name, await artifactNamed(workspace, task, key));
}

async function sideOfProfile(pipeline: Pipeline, name: string): Promise<Side> {
  const engine = await openEngine(pipeline, { profile: name });
  const statuses = await assessAll(engine);
  await engine.digests.save();
  return { name, entries: [...statuses.values()].map((each) => entryOf(engine.workspace, each)), lost: [] };
}

/** What an archive's crate says it holds, in the crate's order; that its bytes are sound is for `verify` to say. */
async function sideOfArchive(name: string, path: string): Promise<Side> {
  const { Archive } = await import("./archive/open.ts");
  const { readCrate } = await import("./archive/read_crate.ts");
  const { readArtifacts } = await import("./archive/check_artifacts.ts");
  using archive = await Archive.open(path);
  const made = await readArtifacts(archive, await readCrate(archive));
  const entries = made.map(({ artifact: { task, key, modules, digest, meta, dir } }) => ({
    task,
    key,
    modules,
    digest,
    meta,
    dir,
  }));
  return { name, entries, lost: [] };
}

function entryOf(workspace: Workspace, { task, state, artifact, wanted }: Status): Entry {
  if (state !== "fresh" || artifact === undefined) {
    return { task: task.id, ...wanted, digest: null, meta: null, dir: null };
  }
  return ofArtifact(workspace, artifact);
}

function ofArtifact(workspace: Workspace, { task, key, modules, digest, meta, dir }: Artifact): Entry {
  return { task, key, modules, digest, meta, dir: shown(workspace, dir) };
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
    `Cannot compare ${name}: it is ${state} in profile "${profile}", build it or name an artifact as ${name}@KEY`,
  );
}

async function artifactNamed(workspace: Workspace, task: string, key: string): Promise<Artifact> {
  const all: Artifact[] = [];
  for await (const { artifact } of artifactsIn(workspace)) if (artifact?.task === task) all.push(artifact);
  const found = all.filter(({ dir }) => basename(dir).startsWith(key));
  if (found.length === 1) return found[0];
  const names = all.map(({ dir }) => basename(dir)).join(", ") || "none";
  throw new UsageError(
    `Cannot compare ${task}@${key}: ${found.length} artifacts of it begin with ${key}, there are ${names}`,
  );
}

/** An artifact and, as far as the store still has them, all that it was made from, inputs first. */
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

/** Tasks that differ may give the same bytes: an input has the name that the key says, or lies on its reader's axes. */
function isInput(candidate: Artifact, input: string, reader: Artifact): boolean {
  const [, id] = input.split(" ");
  if (id !== undefined) return candidate.task === id;
  return Object.entries(candidate.point).every(([axis, value]) => reader.point[axis] === value);
}
