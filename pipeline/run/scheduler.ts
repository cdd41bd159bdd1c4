/**
 * Runs all tasks that are not fresh, in order, in parallel as far as cores allow.
 *
 * @module
 */
import { Agenda, type SortedTasks } from "../plan/ready_tasks.ts";
import { attempt, type Attempted, type AttemptOptions } from "./attempt.ts";
import type { Engine } from "../plan/engine.ts";
import { messageOf } from "../base/errors.ts";
import type { Emit, Event } from "./events.ts";
import { type Cores, coresOf } from "../plan/forecast.ts";
import { Guard } from "../child/guard.ts";
import { dependencies } from "../tasks/graph.ts";
import type { Artifact, Task } from "../stage.ts";
import { identityOf } from "../tasks/key.ts";
import type { Running } from "../store/lock.ts";
import { assess, type Status } from "../plan/plan.ts";
import { commitOf, hostFacts } from "../store/run_record.ts";
import { publishReport } from "./publish_report.ts";
import { shown } from "../base/workspace.ts";

export interface RunOptions extends Cores {
  /** Closed under inputs. */
  readonly targets: ReadonlySet<Task>;
  /** Tasks to run even if fresh. */
  readonly forced: ReadonlySet<Task>;
  /** The statuses found while planning; a fresh task is not assessed again. */
  readonly statuses: ReadonlyMap<Task, Status>;
  /** Facts outside the key, for stages that declare them. */
  readonly hints: Readonly<Record<string, string>>;
  readonly command: string;
  readonly emit: Emit;
  /** Called with the tasks that run now. */
  readonly running: (tasks: readonly Running[]) => void;
  readonly signal: AbortSignal;
}

export type Summary = Event & { readonly type: "summary" };

/** Builds the targets. Tasks that do not depend on a failed one still run. Ends by emitting the summary. */
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

/** The most rebuilds of a task whose output was found damaged. */
const REPAIRS = 2;

class Scheduler {
  readonly #engine: Engine;
  readonly #options: RunOptions;
  readonly #guard: Guard;
  #provenance?: Promise<AttemptOptions["provenance"]>;
  readonly #agenda: Agenda;
  /** Tasks that must run and whose inputs are ready. */
  readonly #ready: SortedTasks;
  readonly #statuses = new Map<Task, Status>();
  readonly #ended = new Map<Task, End>();
  readonly #running = new Map<Task, { readonly cores: number; readonly done: Promise<void> }>();
  readonly #repairs = new Map<Task, number>();
  #byId?: ReadonlyMap<string, Task>;

  constructor(engine: Engine, options: RunOptions, guard: Guard) {
    this.#guard = guard;
    this.#engine = engine;
    this.#options = options;
    this.#agenda = new Agenda(engine.tasks.filter((task) => options.targets.has(task)));
    this.#ready = this.#agenda.queue();
  }

  async work(): Promise<void> {
    for (;;) {
      await this.#settle();
      if (!this.#options.signal.aborted) this.#launch();
      if (this.#running.size === 0) return;
      await Promise.race(this.#running.values().map(({ done }) => done));
    }
  }

  summary(): Summary {
    const ids = (end: End) =>
      this.#engine.tasks.filter((task) => this.#ended.get(task) === end).map(({ id }) => id);
    return { type: "summary", built: ids("built"), fresh: ids("fresh"), failed: ids("failed") };
  }

  /** Ends every task that need not run and whose inputs have ended; the others become ready. */
  async #settle(): Promise<void> {
    for (let task = this.#agenda.next(); task !== undefined; task = this.#agenda.next()) {
      if (this.#ended.has(task) || this.#running.has(task)) continue;
      const broken = dependencies(task).find((input) => this.#hasFailed(input));
      if (broken) this.#skip(task, broken);
      else if (!await this.#isFresh(task)) this.#ready.add(task);
    }
  }

  #hasFailed(task: Task): boolean {
    const end = this.#ended.get(task);
    return end === "failed" || end === "skipped";
  }

  #end(task: Task, end: End): void {
    this.#ended.set(task, end);
    this.#agenda.end(task);
  }

  #skip(task: Task, because: Task): void {
    this.#end(task, "skipped");
    this.#options.emit({ type: "skipped", id: task.id, because: because.id });
  }

  async #isFresh(task: Task): Promise<boolean> {
    const status = this.#planned(task) ?? await assess(this.#engine, task, this.#statuses);
    this.#statuses.set(task, status);
    if (status.state !== "fresh" || this.#options.forced.has(task)) return false;
    // A reader needs files that an archive left out.
    if (this.#repairs.has(task) && status.artifact!.elsewhere) return false;
    const { digest, dir } = status.artifact!;
    this.#options.emit({ type: "fresh", id: task.id, digest, dir: shown(this.#engine.workspace, dir) });
    this.#end(task, await this.#accepts(task, status.artifact!) ? "fresh" : "failed");
    return true;
  }

  /** The status from planning where it still holds: the task and all its inputs are fresh. */
  #planned(task: Task): Status | undefined {
    const status = this.#options.statuses.get(task);
    const isStill = dependencies(task).every((input) => this.#ended.get(input) === "fresh");
    return status?.state === "fresh" && isStill && !this.#repairs.has(task) ? status : undefined;
  }

  /** Starts tasks in order while cores are free. One that does not fit delays later ones, so none starves. */
  #launch(): void {
    for (let task = this.#ready.peek(); task !== undefined; task = this.#ready.peek()) {
      const cores = coresOf(task, this.#options);
      const busy = this.#running.values().reduce((sum, other) => sum + other.cores, 0);
      if (busy + cores > this.#options.jobs) return;
      this.#ready.take();
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
    this.#options.running([...this.#running.keys()].map((task) => ({
      id: task.id,
      key: identityOf(this.#statuses.get(task)!.key!),
    })));
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
      this.#end(task, "failed");
      return emit({ type: "failed", id: task.id, message: attempted.message, log: attempted.log });
    }
    const { artifact, seconds, unchanged } = attempted;
    this.#statuses.set(task, { ...this.#statuses.get(task)!, state: "fresh", reasons: [], artifact });
    const dir = shown(this.#engine.workspace, artifact.dir);
    emit({ type: "built", id: task.id, digest: artifact.digest, dir, seconds, unchanged });
    this.#end(task, await this.#accepts(task, artifact) ? "built" : "failed");
  }

  /** Makes damaged inputs due again; they are assessed, found damaged and rebuilt before their readers. */
  #repair(inputs: readonly Task[]): void {
    // Another reader may have found the damage first.
    for (const input of inputs.filter((input) => this.#ended.delete(input))) {
      const repairs = (this.#repairs.get(input) ?? 0) + 1;
      this.#repairs.set(input, repairs);
      for (const reader of this.#agenda.reopen(input)) this.#ready.delete(reader);
      if (repairs <= REPAIRS) continue;
      this.#end(input, "failed");
      const message =
        "its files keep changing after they were sealed, check the disk and what else writes there";
      this.#options.emit({ type: "failed", id: input.id, message, log: null });
    }
  }

  /** True where an artifact serves this run and, if required, is published. */
  async #accepts(task: Task, artifact: Artifact): Promise<boolean> {
    const tasks = [...this.#options.targets];
    const message = await this.#engine.pipeline.refuses?.(task, artifact, tasks);
    if (message === undefined) return await this.#publish(task, artifact);
    this.#options.emit({ type: "failed", id: task.id, message, log: null });
    return false;
  }

  /** True where nothing remains to be published; the artifact stays even if publishing fails. */
  async #publish({ id, stage }: Task, artifact: Artifact): Promise<boolean> {
    if (!stage.publish) return true;
    const { emit } = this.#options;
    try {
      const published = await publishReport(this.#engine, artifact, (each) => this.#dirOf(each));
      if (published === undefined) return true;
      const dir = shown(this.#engine.workspace, published.folder);
      for (const name of published.kept) {
        emit({
          type: "notice",
          message: `The last report in ${dir} was edited, the edit is kept as ${dir}/${name}`,
        });
      }
      emit({ type: "published", id, dir });
      return true;
    } catch (error) {
      emit({ type: "failed", id, message: messageOf(error), log: null });
      return false;
    }
  }

  #dirOf(id: string): string | undefined {
    this.#byId ??= new Map(this.#engine.tasks.map((task) => [task.id, task]));
    const task = this.#byId.get(id);
    return task && this.#statuses.get(task)?.artifact?.dir;
  }
}
