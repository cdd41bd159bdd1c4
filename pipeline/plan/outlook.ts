/**
 * How long every task of a profile takes, for a command of the workflow's own that can time what nothing is known of.
 *
 * @module
 */
import type { Backend } from "../backend.ts";
import { type EngineOptions, openEngine } from "./engine.ts";
import { type Basis, Estimator } from "./estimate.ts";
import { coresOf, forecast } from "./forecast.ts";
import type { Task } from "../stage.ts";
import { assessAll } from "./plan.ts";
import type { Json, Point } from "../stage.ts";
import type { Pipeline } from "../workflow.ts";

/** A task of which one unit can be timed. */
export interface Timed {
  /** `train[cnn,0]`. */
  readonly id: string;
  /** Name of its stage. */
  readonly stage: string;
  /** Parsed, defaults resolved. */
  readonly params: Json;
  /** Input name → parameters of the task it comes from. */
  readonly inputs: Readonly<Record<string, Json>>;
  /** Seconds of one unit, as declared. */
  readonly declared: number;
  /** Cores that it would be given. */
  readonly cores: number;
}

/** A task and its time. */
export interface Prospect {
  /** `train[cnn,0]`. */
  readonly id: string;
  /** Name of its stage. */
  readonly stage: string;
  /** Where on the axes it lies. */
  readonly point: Point;
  /** Null where nothing is known. */
  readonly seconds: number | null;
  /** How they are known. */
  readonly basis: Basis | null;
}

/** Every task of a profile, as if none of it were done. */
export interface Outlook {
  /** Name of what computes tensors. */
  readonly backend: string;
  /** Seconds from start to end of all tasks, as the scheduler would run them; a task without a time takes none. */
  readonly seconds: number;
  /** Topologically sorted. */
  readonly tasks: readonly Prospect[];
}

/** Options of {@linkcode outlookOf}. */
export interface OutlookOptions extends EngineOptions {
  /** Cores of a run. */
  readonly jobs: number;
  /** Times a unit of each task, on the backend: task id → seconds. Tasks it cannot time are left out. */
  readonly time: (tasks: readonly Timed[], backend: Backend) => Promise<Readonly<Record<string, number>>>;
}

/** Estimates a profile; what no run tells is timed and remembered. Throws a UsageError for what is misspelt. */
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
