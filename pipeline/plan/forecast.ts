/**
 * How long a run takes, by doing in numbers what the scheduler does: the same order, the same cores.
 *
 * @module
 */
import { Agenda } from "./ready_tasks.ts";
import type { Task } from "../stage.ts";

/** Cores of a run. */
export interface Cores {
  /** In all. */
  readonly jobs: number;
  /** Of one task at most. @default all */
  readonly perTask?: number;
}

/**
 * Seconds from start to end. `times` holds the tasks that run; the others of the graph, which is topologically sorted and
 * closed under inputs, take no time.
 */
export function forecast(
  graph: readonly Task[],
  { times, ...all }: Cores & { readonly times: ReadonlyMap<Task, number> },
): number {
  const agenda = new Agenda(graph);
  const ready = agenda.queue();
  let running: { readonly task: Task; readonly cores: number; readonly end: number }[] = [];
  for (let now = 0;;) {
    for (let task = agenda.next(); task !== undefined; task = agenda.next()) {
      if (times.has(task)) ready.add(task);
      else agenda.end(task);
    }
    for (let task = ready.peek(); task !== undefined; task = ready.peek()) {
      const cores = coresOf(task, all);
      if (running.reduce((sum, other) => sum + other.cores, cores) > all.jobs) break;
      ready.take();
      running.push({ task, cores, end: now + times.get(task)! });
    }
    if (running.length === 0) return now;
    now = Math.min(...running.map(({ end }) => end));
    running.filter(({ end }) => end === now).forEach(({ task }) => agenda.end(task));
    running = running.filter(({ end }) => end !== now);
  }
}

/** Cores a task is given of those there are. */
export function coresOf({ stage }: Task, { jobs, perTask = jobs }: Cores): number {
  const wanted = stage.needs?.cores ?? 1;
  return Math.min(wanted === "all" ? jobs : wanted, jobs, perTask);
}
