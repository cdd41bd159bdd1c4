/**
 * What a profile consists of, for commands of the workflow's own that say how long it takes.
 *
 * @module
 */
import type { Backend } from "./backend.ts";
import { type EngineOptions, openEngine } from "./engine.ts";
import { forecast } from "./forecast.ts";
import type { Task } from "./graph.ts";
import type { Pipeline } from "./pipeline.ts";
import type { Json, Point } from "./types.ts";

/** A task, and what its stage says of it. */
export interface Prospect {
  /** `train[cnn,0]`. */
  readonly id: string;
  /** Name of its stage. */
  readonly stage: string;
  /** Where on the axes it lies. */
  readonly point: Point;
  /** Parsed, defaults resolved. */
  readonly params: Json;
  /** It computes tensors. */
  readonly numeric: boolean;
  /** It depends on the network, of which nobody knows how fast it is. */
  readonly network: boolean;
  /** Seconds, by its stage's own word. */
  readonly stated?: number;
}

/** Every task of a profile, whatever of it is done already. */
export interface Outlook {
  /** Topologically sorted. */
  readonly tasks: readonly Prospect[];
  /** What would compute them. */
  readonly backend: Backend;
  /** Seconds from start to end of all tasks, as the scheduler would run them; a task without a time takes none. */
  readonly seconds: (times: ReadonlyMap<string, number>, jobs: number) => number;
}

/** Reads a profile. Throws a UsageError for what is misspelt or out of range. */
export async function outlookOf(pipeline: Pipeline, options: EngineOptions): Promise<Outlook> {
  const { tasks, backend } = await openEngine(pipeline, options);
  return {
    tasks: tasks.map(prospectOf),
    backend,
    seconds: (times, jobs) =>
      forecast(tasks, { times: new Map(tasks.map((task) => [task, times.get(task.id) ?? 0])), jobs }),
  };
}

function prospectOf({ id, stage, point, params }: Task): Prospect {
  return {
    id,
    stage: stage.name,
    point,
    params: params as Json,
    numeric: stage.numeric === true,
    network: stage.needs?.network === true,
    stated: stage.estimate?.(params).seconds,
  };
}
