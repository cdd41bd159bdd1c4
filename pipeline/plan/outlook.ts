/**
 * The time of every task of a profile, for a command of the workflow that can time units of unknown tasks.
 *
 * @module
 */
import type { Backend } from "../backend.ts";
import { type EngineOptions, openEngine } from "./engine.ts";
import { type Basis, Estimator } from "./estimate.ts";
import { coresOf, forecast } from "./forecast.ts";
import type { Json, Point, Task } from "../stage.ts";
import { assessAll } from "./plan.ts";
import type { Pipeline } from "../workflow.ts";

/** A task whose unit of work can be timed. */
export interface Timed {
  /** The task's id: `train[cnn,0]`. */
  readonly id: string;
  /** Name of its stage. */
  readonly stage: string;
  /** Parsed parameters with defaults. */
  readonly params: Json;
  /** Parameters of its input tasks, by input name. */
  readonly inputs: Readonly<Record<string, Json>>;
  /** The declared time of one unit, seconds. */
  readonly declared: number;
  /** The cores that it would receive. */
  readonly cores: number;
}

/** A task and its time. */
export interface Prospect {
  /** The task's id: `train[cnn,0]`. */
  readonly id: string;
  /** Name of its stage. */
  readonly stage: string;
  /** Its point on the stage's axes. */
  readonly point: Point;
  /** Estimated time, seconds; null where it is unknown. */
  readonly seconds: number | null;
  /** The basis of the time; null where it is unknown. */
  readonly basis: Basis | null;
}

/** Every task of a profile, as if none were done. */
export interface Outlook {
  /** Name of the numeric backend. */
  readonly backend: string;
  /** Time from start to end of all tasks, by the scheduler's rules, seconds; unknown times count as 0. */
  readonly seconds: number;
  /** Tasks in topological order. */
  readonly tasks: readonly Prospect[];
}

/** Options of {@linkcode outlookOf}. */
export interface OutlookOptions extends EngineOptions {
  /** The number of cores. */
  readonly jobs: number;
  /** Times one unit of each task on the backend: task id → seconds. Tasks it cannot time are left out. */
  readonly time: (tasks: readonly Timed[], backend: Backend) => Promise<Readonly<Record<string, number>>>;
}

/** Estimates a profile; units of tasks without earlier runs are timed. Throws a UsageError if misspelt. */
export async function outlookOf(
  pipeline: Pipeline,
  { jobs, time, ...options }: OutlookOptions,
): Promise<Outlook> {
  const engine = await openEngine(pipeline, options);
  const statuses = [...(await assessAll(engine)).values()];
  await engine.digests.save();
  const estimator = await Estimator.open(engine);
  const unknown = new Map<string, { readonly task: Task; readonly timed: Timed }>();
  for (const status of statuses) {
    const { task } = status, { basis, units } = await estimator.of(status);
    const likeness = estimator.likeness(task);
    if (basis === "measured" || basis === "scaled" || !units?.count || unknown.has(likeness)) continue;
    const timed = timedOf(task, { declared: units.seconds / units.count, cores: coresOf(task, { jobs }) });
    unknown.set(likeness, { task, timed });
  }
  if (unknown.size > 0) {
    const found = await time([...unknown.values()].map(({ timed }) => timed), engine.backend);
    for (const { task } of unknown.values()) {
      if (Object.hasOwn(found, task.id)) await estimator.remember(task, found[task.id]);
    }
  }
  const tasks = await Promise.all(statuses.map(async (status): Promise<Prospect> => {
    const { id, stage, point } = status.task, { seconds = null, basis } = await estimator.of(status);
    return { id, stage: stage.name, point, seconds, basis };
  }));
  const times = new Map(statuses.map(({ task }, i) => [task, tasks[i].seconds ?? 0]));
  return { backend: engine.backend.name, seconds: forecast(engine.tasks, { times, jobs }), tasks };
}

function timedOf(
  { id, stage, params, inputs }: Task,
  rest: Pick<Timed, "declared" | "cores">,
): Timed {
  const asked = Object.entries(inputs).flatMap(([name, input]) =>
    "params" in input ? [[name, input.params as Json]] : []
  );
  return { id, stage: stage.name, params: params as Json, inputs: Object.fromEntries(asked), ...rest };
}
