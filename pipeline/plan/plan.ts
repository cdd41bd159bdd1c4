/**
 * The state of every task, with its reasons in words.
 *
 * @module
 */
import { join } from "node:path";
import type { Code } from "../code/code_of_stage.ts";
import { type Engine, openEngine } from "./engine.ts";
import { exists, fileProblem } from "../base/files.ts";
import { dependencies, tasksNamed } from "../tasks/graph.ts";
import type { Artifact, Key, Task } from "../stage.ts";
import { folderOf, type Known, partialKeyOf, wholeKey } from "../tasks/key.ts";
import { placeProblem } from "../store/staging_place.ts";
import { differences, environmentChanges, type Keyed } from "../tasks/key_changes.ts";
import { artifactsOf, findArtifact, hasEarlier, inspect } from "../store/artifacts.ts";
import { isLeftover } from "../base/leftovers.ts";
import { straysOf } from "../store/strays.ts";
import type { Pipeline } from "../workflow.ts";
import { count } from "../base/quantities.ts";

/** A task's state; `running` only appears from outside, where another engine runs the task. */
export type State = "fresh" | "stale" | "missing" | "damaged" | "running";

/** Everything known about a task. */
export interface Status {
  readonly task: Task;
  readonly state: State;
  /** For a fresh task, the accepted differences (another environment); for others, the reasons to run it. */
  readonly reasons: readonly string[];
  /** The artifact of its key (fresh, or damaged with a readable record), or the most similar one (stale). */
  readonly artifact?: Artifact;
  /** Absent while an input's digest is unknown. */
  readonly key?: Key;
  /** The key as far as it is known, and the modules behind it. */
  readonly wanted: Keyed & Pick<Code, "modules">;
}

/** The reason of a task whose only artifacts are from an earlier version of the engine. */
const EARLIER = "made by an earlier version";

/** One sentence for all tasks with artifacts of an earlier version. */
export function earlierNotes(statuses: readonly Status[]): readonly string[] {
  if (!statuses.some(({ reasons }) => reasons.includes(EARLIER))) return [];
  return [
    "Artifacts of an earlier version are in the store. Their keys name the files of the code and cannot be compared with " +
    'those of this version, which do not. Run "deno task reproduce" again: a training comes out with the same bytes. ' +
    '"deno task clean" then removes the old ones',
  ];
}

/** The state of every task; the map is in the graph's order. */
export async function assessAll(engine: Engine): Promise<ReadonlyMap<Task, Status>> {
  const statuses = new Map<Task, Status>();
  for (const task of engine.tasks) statuses.set(task, await assess(engine, task, statuses));
  return statuses;
}

/**
 * The state of one task, given the states of its inputs. A damaged input keeps its digest: artifacts made
 * from it may be sound, and stay valid if rebuilding it gives the same bytes.
 */
export async function assess(
  engine: Engine,
  task: Task,
  statuses: ReadonlyMap<Task, Status>,
): Promise<Status> {
  const known: Known = (input) => {
    const status = statuses.get(input);
    return status?.state === "fresh" || status?.state === "damaged" ? status.artifact?.digest : undefined;
  };
  const { environment, strict, workspace, digests } = engine;
  const code = engine.code(task);
  const wanted = { key: partialKeyOf(task, { code, environment, known }), modules: code.modules };
  const key = wholeKey(wanted.key);
  const artifact = key && await findArtifact(workspace, task, { key, strict });
  if (key === undefined || artifact === undefined) {
    return await explainMiss(engine, task, { key, wanted, known, statuses });
  }
  const { damaged, absent } = await inspect(artifact, { digests });
  if (damaged.length > 0) {
    const reasons = damaged.map((name) => `file damaged: ${name}`);
    return { task, state: "damaged", reasons, artifact, key, wanted };
  }
  const overlooked = environmentChanges(artifact.key.environment, key.environment);
  const reasons = [
    ...overlooked.map((change) => `${change} (accepted)`),
    ...(absent.length > 0 ? [`${count(absent.length, "file")} not here, archived without`] : []),
    ...(await straysOf(artifact)).filter((name) => !isLeftover(name)).map((name) =>
      `${name} is not part of it`
    ),
  ];
  return { task, state: "fresh", reasons, artifact, key, wanted };
}

async function explainMiss(
  engine: Engine,
  task: Task,
  { key, wanted, known, statuses }: Pick<Status, "key" | "wanted"> & {
    readonly known: Known;
    readonly statuses: ReadonlyMap<Task, Status>;
  },
): Promise<Status> {
  const pending = dependencies(task)
    .filter((input) => known(input) === undefined)
    .map((input) => `input pending: ${input.id} is ${statuses.get(input)?.state ?? "unknown"}`);
  const dir = key && join(engine.workspace.artifacts, task.place, folderOf(key));
  if (dir !== undefined && await exists(dir)) {
    const problem = await fileProblem(join(dir, "artifact.json"));
    const damaged = `file damaged: artifact.json${problem === undefined ? "" : ` (${problem})`}`;
    return { task, state: "damaged", reasons: [damaged, ...pending], key, wanted };
  }
  const near = await nearestArtifact(engine, task, wanted);
  if (near === undefined) {
    const problem = await placeProblem(engine.workspace, task.place);
    const none = await hasEarlier(engine.workspace, task.place) ? EARLIER : "never built";
    const reason = problem === undefined ? none : `cannot be read: ${problem}`;
    return { task, state: "missing", reasons: [reason, ...pending], key, wanted };
  }
  const reasons = [...differences(near, wanted, { strict: engine.strict }), ...pending];
  return { task, state: "stale", reasons, artifact: near, key, wanted };
}

/** The artifact with the fewest differences, which gives the shortest list of reasons. */
async function nearestArtifact(
  engine: Engine,
  task: Task,
  wanted: Keyed,
): Promise<Artifact | undefined> {
  const ranked = (await artifactsOf(engine.workspace, task.place))
    .map((artifact) => ({ artifact, distance: differences(artifact, wanted, { strict: true }).length }))
    .sort((a, b) => a.distance - b.distance);
  return ranked[0]?.artifact;
}

/**
 * The artifacts of a profile's tasks, in the order of `names` (stages or tasks). Throws an Error for a task
 * that is not fresh, and a UsageError for an unknown name.
 */
export async function freshArtifacts(
  pipeline: Pipeline,
  { profile, names }: { readonly profile: string; readonly names: readonly string[] },
): Promise<readonly Artifact[]> {
  const engine = await openEngine(pipeline, { profile });
  const named = names.flatMap((name) => tasksNamed(engine.tasks, name));
  const statuses = await assessAll(engine);
  await engine.digests.save();
  return named.map((task) => {
    const { state, artifact } = statuses.get(task)!;
    if (state === "fresh") return artifact!;
    const command = `deno task stage '${task.id}' --profile ${profile}`;
    throw new Error(`Cannot read ${task.id}: it is ${state}, run "${command}" first`);
  });
}
