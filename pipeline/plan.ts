/**
 * What state every task is in, and why, in words.
 *
 * @module
 */
import { join } from "node:path";
import type { Code } from "./code.ts";
import type { Engine } from "./engine.ts";
import { exists, fileProblem } from "./files.ts";
import { dependencies, type Task } from "./graph.ts";
import { folderOf, type Known, partialKeyOf, wholeKey } from "./key.ts";
import { placeProblem } from "./place.ts";
import { differences, environmentChanges, type Keyed } from "./reasons.ts";
import { artifactsOf, findArtifact, hasEarlier, inspect } from "./store.ts";
import { isLeftover } from "./leftovers.ts";
import { straysOf } from "./strays.ts";
import type { Artifact, Key } from "./types.ts";
import { count } from "./words.ts";

/** `running` is seen from outside only: another engine is at it. */
export type State = "fresh" | "stale" | "missing" | "damaged" | "running";

/** What is known about a task. */
export interface Status {
  readonly task: Task;
  readonly state: State;
  /** For a fresh task, what was overlooked (another environment); for the others, why it has to run. */
  readonly reasons: readonly string[];
  /** The artifact of its key (fresh; damaged, unless its record is), or the most similar one there is (stale). */
  readonly artifact?: Artifact;
  /** Absent while the digest of an input is not known. */
  readonly key?: Key;
  /** The key, as far as it is known, and the modules behind it. */
  readonly wanted: Keyed & Pick<Code, "modules">;
}

/** The reason of a task whose only artifacts are of an earlier version of the engine. */
const EARLIER = "made by an earlier version";

/** The sentence that says, once for all such tasks, what became of their artifacts. */
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
 * The state of one task, given those of the tasks it reads. A damaged input still has a known digest: what was made
 * from it may be sound, and stays so if rebuilding gives the same bytes.
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

/** The artifact with the fewest differences: the one whose reasons are the shortest to read. */
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
