/**
 * Runs what is not fresh, in order, as many tasks side by side as there are cores.
 *
 * @module
 */
import { attempt, type Attempted, type AttemptOptions } from "./attempt.ts";
import type { Engine } from "./engine.ts";
import { messageOf } from "./errors.ts";
import type { Emit, Event } from "./events.ts";
import { Guard } from "./guard.ts";
import { dependencies, type Task } from "./graph.ts";
import { assess, type Status } from "./plan.ts";
import { commitOf, hostFacts } from "./provenance.ts";
import { publishReport } from "./publish.ts";
import type { Artifact } from "./types.ts";
import { shown } from "./workspace.ts";

export interface RunOptions {
  /** Closed under inputs. */
  readonly targets: ReadonlySet<Task>;
  /** Run although they are fresh. */
  readonly forced: ReadonlySet<Task>;
  /** Cores in all. */
  readonly jobs: number;
  /** Facts outside the key, for stages that declare them. */
  readonly hints: Readonly<Record<string, string>>;
  readonly command: string;
  readonly emit: Emit;
  /** Called with the ids of the tasks that run now. */
  readonly running: (ids: readonly string[]) => void;
  readonly signal: AbortSignal;
}

export type Summary = Event & { readonly type: "summary" };

/** Builds the targets. What a failed task leaves possible is still done. Always ends by emitting the summary. */
export async function run(engine: Engine, options: RunOptions): Promise<Summary> {
  await using guard = new Guard();
  const scheduler = new Scheduler(engine, options, guard);
  try {
    await scheduler.work();
  } finally {
    await engine.digests.save();
  }
  if (options.signal.aborted) options.emit({ type: "stopped" });
  const summary = scheduler.summary();
  options.emit(summary);
  return summary;
}

type End = "fresh" | "built" | "failed" | "skipped";

/** Times a task is built again because what it wrote was found damaged. */
const REPAIRS = 2;

class Scheduler {
  readonly #engine: Engine;
  readonly #options: RunOptions;
  readonly #guard: Guard;
  #provenance?: Promise<AttemptOptions["provenance"]>;
  readonly #statuses = new Map<Task, Status>();
  readonly #ended = new Map<Task, End>();
  readonly #running = new Map<Task, { readonly cores: number; readonly done: Promise<void> }>();
  readonly #repairs = new Map<Task, number>();

  constructor(engine: Engine, options: RunOptions, guard: Guard) {
    this.#guard = guard;
    this.#engine = engine;
    this.#options = options;
  }

  async work(): Promise<void> {
    for (;;) {
      const ready = await this.#settle();
      if (!this.#options.signal.aborted) this.#launch(ready);
      if (this.#running.size === 0) return;
      await Promise.race(this.#running.values().map(({ done }) => done));
    }
  }

  summary(): Summary {
    const ids = (end: End) =>
      this.#engine.tasks.filter((task) => this.#ended.get(task) === end).map(({ id }) => id);
    return { type: "summary", built: ids("built"), fresh: ids("fresh"), failed: ids("failed") };
  }

  /** Ends every task that need not run; returns those that can run now, in order. */
  async #settle(): Promise<Task[]> {
    const ready: Task[] = [];
    for (const task of this.#engine.tasks) {
      if (!this.#options.targets.has(task) || this.#ended.has(task) || this.#running.has(task)) continue;
      const inputs = dependencies(task);
      const broken = inputs.find((input) => ["failed", "skipped"].includes(this.#ended.get(input) ?? ""));
      if (broken) this.#skip(task, broken);
      else if (inputs.every((input) => this.#ended.has(input)) && !await this.#isFresh(task)) {
        ready.push(task);
      }
    }
    return ready;
  }

  #skip(task: Task, because: Task): void {
    this.#ended.set(task, "skipped");
    this.#options.emit({ type: "skipped", id: task.id, because: because.id });
  }

  async #isFresh(task: Task): Promise<boolean> {
    const status = await assess(this.#engine, task, this.#statuses);
    this.#statuses.set(task, status);
    if (status.state !== "fresh" || this.#options.forced.has(task)) return false;
    // A reader has asked for files that are not here.
    if (this.#repairs.has(task) && status.artifact!.elsewhere) return false;
    const { digest, dir } = status.artifact!;
    this.#ended.set(task, "fresh");
    this.#options.emit({ type: "fresh", id: task.id, digest, dir: shown(this.#engine.workspace, dir) });
    await this.#publish(task, status.artifact!);
    return true;
  }

  /** Starts tasks in order while cores last. The first that does not fit waits, and all after it: none starves. */
  #launch(ready: readonly Task[]): void {
    for (const task of ready) {
      const { jobs } = this.#options;
      const wanted = task.stage.needs?.cores ?? 1;
      const cores = wanted === "all" ? jobs : Math.min(wanted, jobs);
      const busy = this.#running.values().reduce((sum, other) => sum + other.cores, 0);
      if (busy + cores > jobs) return;
      this.#start(task, cores);
    }
  }

  #start(task: Task, cores: number): void {
    const done = this.#attempt(task, cores)
      .catch((error): Attempted => ({ type: "failed", message: messageOf(error), log: null }))
      .then((attempted) => this.#finish(task, attempted))
      .finally(() => {
        this.#running.delete(task);
        this.#tellRunning();
      });
    this.#running.set(task, { cores, done });
    this.#tellRunning();
  }

  #tellRunning(): void {
    this.#options.running([...this.#running.keys()].map(({ id }) => id));
  }

  async #attempt(task: Task, cores: number): Promise<Attempted> {
    const { hints, emit, signal, forced } = this.#options;
    const status = this.#statuses.get(task)!;
    return await attempt(this.#engine, status, {
      reasons: forced.has(task) ? ["forced", ...status.reasons] : status.reasons,
      artifacts: (input) => this.#statuses.get(input)!.artifact!,
      cores,
      hints,
      provenance: await (this.#provenance ??= this.#lookAround()),
      emit,
      guard: this.#guard,
      signal,
    });
  }

  async #lookAround(): Promise<AttemptOptions["provenance"]> {
    const commit = await commitOf(this.#engine.workspace.root);
    return { command: this.#options.command, commit, host: hostFacts() };
  }

  async #finish(task: Task, attempted: Attempted): Promise<void> {
    const { emit } = this.#options;
    if (attempted.type === "stopped") return;
    if (attempted.type === "damaged") return this.#repair(attempted.inputs);
    if (attempted.type === "failed") {
      this.#ended.set(task, "failed");
      return emit({ type: "failed", id: task.id, message: attempted.message, log: attempted.log });
    }
    const { artifact, seconds, unchanged } = attempted;
    this.#ended.set(task, "built");
    this.#statuses.set(task, { ...this.#statuses.get(task)!, state: "fresh", reasons: [], artifact });
    const dir = shown(this.#engine.workspace, artifact.dir);
    emit({ type: "built", id: task.id, digest: artifact.digest, dir, seconds, unchanged });
    await this.#publish(task, artifact);
  }

  /** Damaged inputs are looked at again, found damaged and built; after that their reader has its turn. */
  #repair(inputs: readonly Task[]): void {
    for (const input of inputs) {
      const repairs = (this.#repairs.get(input) ?? 0) + 1;
      this.#repairs.set(input, repairs);
      if (repairs <= REPAIRS) {
        this.#ended.delete(input);
        continue;
      }
      this.#ended.set(input, "failed");
      const message =
        "its files keep changing after they were sealed, check the disk and what else writes there";
      this.#options.emit({ type: "failed", id: input.id, message, log: null });
    }
  }

  async #publish(task: Task, artifact: Artifact): Promise<void> {
    if (!task.stage.publish) return;
    const dirs = new Map(this.#statuses.entries().map(([other, status]) => [other.id, status.artifact?.dir]));
    const folder = await publishReport(this.#engine, artifact, (id) => dirs.get(id));
    if (folder === undefined) return;
    this.#options.emit({ type: "published", id: task.id, dir: shown(this.#engine.workspace, folder) });
  }
}
