/**
 * Predicts the time of a run by simulating the scheduler: the same order, the same cores.
 *
 * @module
 */
import { Agenda } from "./ready_tasks.ts";
import type { Task } from "../stage.ts";

/** The cores of a run. */
export interface Cores {
  /** The number of cores in total. */
  readonly jobs: number;
  /** The most cores of one task. @default all */
  readonly perTask?: number;
}

/**
 * The time from start to end, seconds. `times` holds the tasks that run; the others in the graph, which is
 * topologically sorted and closed under inputs, take none.
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

/** The cores that a task receives. */
export function coresOf({ stage }: Task, { jobs, perTask = jobs }: Cores): number {
  const wanted = stage.needs?.cores ?? 1;
  return Math.min(wanted === "all" ? jobs : wanted, jobs, perTask);
}
