/**
 * Measures how long the tasks of a profile take, in a process of its own, as a backend's threads are fixed when it
 * starts. Reads a question from stdin, prints a line with the answer.
 *
 * @module
 */
import { type Backend, loadOps } from "../treenet/ops/mod.ts";
import { loadMethod, loadModel } from "../treenet/models.ts";
import { clockFor, ownTime, wall } from "./clock.ts";
import { Gauge } from "./gauge.ts";
import { type Task, TaskTimes } from "./task_time.ts";

/** What is asked. */
export interface Question {
  readonly tasks: readonly Task[];
  readonly backend: string;
  /** `cpu`, or what it computes on. */
  readonly device: string;
  /** Absolute path of the backend's native library, where it has one. */
  readonly library?: string;
  readonly cores: number;
}

/** What is answered. */
export interface Answer {
  /** Seconds until the backend was loaded, as of a stage's process. */
  readonly start: number;
  /** Task → seconds, of those that are measured. */
  readonly tasks: Readonly<Record<string, number>>;
  /** The part of its time that this process was computing; the rest went to other work of the machine. */
  readonly share: number;
}

if (import.meta.main) {
  const question: Question = await new Response(Deno.stdin.readable).json();
  console.log(JSON.stringify(await answer(question)));
  Deno.exit(0);
}

async function answer({ tasks, backend, device, library, cores }: Question): Promise<Answer> {
  const open = (cores: number) => loadOps(backend as Backend, { cores, library });
  const power = { all: await open(cores), one: await open(1) };
  // Since the process was made: both clocks start with it.
  const start = ownTime() ?? wall();
  const clock = clockFor({ backend, device, cores });
  const [began, busy] = [wall(), clock()];
  try {
    const gauge = new Gauge(power, cores, clock);
    const times = new TaskTimes(gauge, tasks, { model: loadModel, method: loadMethod });
    const seconds: Record<string, number> = {};
    for (const task of tasks) {
      const found = await times.of(task);
      if (found !== undefined) seconds[task.id] = found;
    }
    return { start, tasks: seconds, share: (clock() - busy) / (wall() - began) };
  } finally {
    power.one.close();
    power.all.close();
  }
}
