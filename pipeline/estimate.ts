/**
 * What a run is going to cost: from what the same task took before, else from what its stage says.
 *
 * @module
 */
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "./engine.ts";
import { canonical } from "./canonical.ts";
import type { Planned } from "./events.ts";
import { dependencies, type Task } from "./graph.ts";
import type { Status } from "./plan.ts";
import { readCost } from "./records.ts";
import type { Estimate } from "./types.ts";

export interface Plan {
  readonly tasks: readonly Planned[];
  /** Of the tasks whose time is known, `jobs` cores busy. */
  readonly seconds: number;
  /** Bytes written, as far as the stages say. */
  readonly disk: number;
  /** Bytes resident of the largest task. */
  readonly memory: number;
}

export interface PlanOptions {
  readonly statuses: ReadonlyMap<Task, Status>;
  readonly targets: ReadonlySet<Task>;
  readonly forced: ReadonlySet<Task>;
  readonly jobs: number;
}

/** What is going to run, in order. */
export async function planRun(options: PlanOptions): Promise<Plan> {
  const actions = actionsOf(options);
  const tasks: Planned[] = [];
  let [disk, memory] = [0, 0];
  const times: { readonly seconds: number; readonly isAlone: boolean }[] = [];
  for (const [task, action] of actions) {
    const status = options.statuses.get(task)!;
    const expected = await expectation(status);
    const reasons = options.forced.has(task) ? ["forced", ...status.reasons] : status.reasons;
    tasks.push({ id: task.id, action, reasons, seconds: expected.seconds ?? null });
    times.push({ seconds: expected.seconds ?? 0, isAlone: task.stage.needs?.cores === "all" });
    disk += expected.disk ?? 0;
    memory = Math.max(memory, expected.memory ?? 0);
  }
  return { tasks, seconds: elapsed(times, options.jobs), disk, memory };
}

/** Tasks that want every core one after the other, the rest side by side, but no faster than the longest of them. */
function elapsed(
  times: readonly { readonly seconds: number; readonly isAlone: boolean }[],
  jobs: number,
): number {
  const alone = times.filter(({ isAlone }) => isAlone).reduce((sum, { seconds }) => sum + seconds, 0);
  const others = times.filter(({ isAlone }) => !isAlone).map(({ seconds }) => seconds);
  const shared = others.reduce((sum, seconds) => sum + seconds, 0) / jobs;
  return alone + Math.max(0, shared, ...others);
}

function actionsOf({ statuses, targets, forced }: PlanOptions): ReadonlyMap<Task, Planned["action"]> {
  const actions = new Map<Task, Planned["action"]>();
  for (const [task, { state, reasons }] of statuses) {
    if (!targets.has(task)) continue;
    const isPending = dependencies(task).some((input) => actions.has(input));
    const own = reasons.filter((reason) => !reason.startsWith("input pending"));
    if (forced.has(task) || (state !== "fresh" && (own.length > 0 || !isPending))) actions.set(task, "run");
    else if (isPending) actions.set(task, "maybe");
  }
  return actions;
}

/** Measured for the same parameters, else the stage's word, else measured for others. */
async function expectation({ task, artifact }: Status): Promise<Estimate> {
  const stated: Estimate = task.stage.estimate?.(task.params) ?? {};
  const run = artifact && await readCost(join(artifact.dir, "run.json"));
  if (run === undefined) return stated;
  const isSame = canonical(artifact?.key.params) === canonical(task.params);
  const memory = isSame ? run.peakMemory ?? stated.memory : stated.memory;
  return { ...stated, memory, seconds: isSame ? run.seconds : stated.seconds ?? run.seconds };
}

/** Bytes free on the disk that holds the artifacts; Infinity where the system does not tell. */
export async function freeDisk({ workspace }: Engine): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(workspace.artifacts);
    return bavail * bsize;
  } catch {
    return Infinity;
  }
}
