/**
 * Estimates the cost of a run: from an earlier run here of the task, or of another with the same stage and
 * model, scaled by the stage's declarations; else from a timed unit, else from the declaration alone.
 *
 * @module
 */
import { basename, join } from "node:path";
import type { Engine } from "./engine.ts";
import { canonical } from "../base/json.ts";
import { freeBytes, namesIfReadable } from "../base/files.ts";
import { type Cores, forecast } from "./forecast.ts";
import { dependencies, placeOf } from "../tasks/graph.ts";
import type { AnyStage, Artifact, Estimate, Inputs, Task } from "../stage.ts";
import { placesIn } from "../store/staging_place.ts";
import { processor } from "../store/run_record.ts";
import type { Status } from "./plan.ts";
import { readRun } from "../store/artifact_record.ts";
import { readMemory, writeMemory } from "../base/sealed_json.ts";
import { artifactsOf } from "../store/artifacts.ts";

/** A task that will run, or may. */
export interface Planned {
  readonly id: string;
  /** `maybe` means that it runs only if an input's bytes change. */
  readonly action: "run" | "maybe";
  readonly reasons: readonly string[];
  /** Estimated time, seconds; null where it is unknown. */
  readonly seconds: number | null;
  /** The basis of the time; null where it is unknown. */
  readonly basis: Basis | null;
}

/**
 * The basis of an estimated time: a run of this task with these parameters, a similar task's run scaled by
 * the stage's declarations, a unit that `describe` timed, or the declaration alone.
 */
export type Basis = "measured" | "scaled" | "timed" | "stated";

export interface Plan {
  readonly tasks: readonly Planned[];
  /** Time of everything that may run, by the scheduler's rules, seconds; tasks of unknown time count as 0. */
  readonly seconds: number;
  /** The same for the tasks that are certain to run, seconds. */
  readonly least: number;
  /** The number of tasks of unknown time. */
  readonly unknown: number;
  /** Bytes written, as far as the stages declare them. */
  readonly disk: number;
  /** Resident memory of the largest task, bytes. */
  readonly memory: number;
}

export interface PlanOptions extends Cores {
  readonly statuses: ReadonlyMap<Task, Status>;
  readonly targets: ReadonlySet<Task>;
  readonly forced: ReadonlySet<Task>;
}

/** The tasks that will run or may, in order, with their cost. */
export async function planRun(engine: Engine, options: PlanOptions): Promise<Plan> {
  const actions = actionsOf(options);
  const estimator = await Estimator.open(engine);
  const tasks: Planned[] = [];
  const times = new Map<Task, number>();
  let [disk, memory] = [0, 0];
  for (const [task, action] of actions) {
    const status = options.statuses.get(task)!;
    const expected = await estimator.of(status);
    const reasons = options.forced.has(task) ? ["forced", ...status.reasons] : status.reasons;
    const { seconds = null, basis } = expected;
    tasks.push({ id: task.id, action, reasons, seconds, basis });
    times.set(task, seconds ?? 0);
    disk += expected.disk ?? 0;
    memory = Math.max(memory, expected.memory ?? 0);
  }
  const graph = [...options.statuses.keys()].filter((task) => options.targets.has(task));
  const certain = new Map([...times].filter(([task]) => actions.get(task) === "run"));
  const { jobs, perTask } = options;
  return {
    tasks,
    seconds: forecast(graph, { times, jobs, perTask }),
    least: forecast(graph, { times: certain, jobs, perTask }),
    unknown: tasks.filter(({ seconds }) => seconds === null).length,
    disk,
    memory,
  };
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

/** The estimated cost of a task, and the basis of its time; null where the time is unknown. */
export type Expected = Estimate & { readonly basis: Basis | null };

/** One earlier run. */
interface Sample {
  /** The parameters as canonical JSON. */
  readonly params: string;
  /** The stage's present declaration of its time, seconds. */
  readonly work: number;
  /** The measured time, seconds. */
  readonly seconds: number;
  /** Peak memory, bytes. */
  readonly memory: number | null;
}

/** One timed unit of a stage's work: the time it implies for a task, and the time declared for that task. */
type Timing = Pick<Sample, "work" | "seconds">;

/** A stage with parameters. */
type Asked = Pick<Task, "stage" | "params">;

/** The most folders searched for runs of other replicates. */
const PLACES = 8;

/** Estimates tasks from the store's runs and from timings. */
export class Estimator {
  readonly #engine: Engine;
  readonly #path: string;
  readonly #timings: Record<string, Timing>;
  readonly #runs = new Map<string, Promise<readonly Sample[]>>();
  readonly #stored = new Map<string, Promise<readonly Artifact[]>>();

  private constructor(engine: Engine, path: string, timings: Record<string, Timing>) {
    [this.#engine, this.#path, this.#timings] = [engine, path, timings];
  }

  static async open(engine: Engine): Promise<Estimator> {
    const path = join(engine.workspace.cache, "timings.json");
    const saved = await readMemory<Record<string, Timing>>(path);
    return new Estimator(engine, path, saved.type === "sound" ? saved.value : {});
  }

  /** Estimates a task; `artifact` is its own, or its most similar one. */
  async of({ task, artifact }: Pick<Status, "task" | "artifact">): Promise<Expected> {
    const stated = await declared(task, inputsOf(task));
    const work = stated.seconds || 1;
    const own = artifact && await this.#sample(task.stage, artifact);
    const samples = [...own ? [own] : [], ...await this.#runsLike(task)];
    const same = samples.find(({ params, work: then }) => then === work && params === canonical(task.params));
    if (same !== undefined) {
      return { ...stated, memory: same.memory ?? stated.memory, seconds: same.seconds, basis: "measured" };
    }
    const [sample] = samples.sort((a, b) => distance(a.work, work) - distance(b.work, work));
    const known = sample ?? this.#timings[this.likeness(task)];
    if (known === undefined) return { ...stated, basis: stated.seconds === undefined ? null : "stated" };
    const basis = sample === undefined ? "timed" : "scaled";
    return { ...stated, seconds: known.seconds * work / known.work, basis };
  }

  /** Saves the measured time of one of the task's units, seconds. */
  async remember(task: Task, secondsAUnit: number): Promise<void> {
    const { seconds: work, units } = await declared(task, inputsOf(task));
    if (work === undefined || units === undefined) return;
    const seconds = work - units.seconds + units.count * secondsAUnit;
    this.#timings[this.likeness(task)] = { work, seconds };
    await writeMemory(this.#path, this.#timings);
  }

  /** A text shared by tasks that differ only in replicates and parameters, on this machine and backend. */
  likeness({ stage, point }: Pick<Task, "stage" | "point">): string {
    const { environment, pipeline: { replicates = [] } } = this.#engine;
    const fixed = Object.entries(point).filter(([axis]) => !replicates.includes(axis));
    const backend = stage.numeric === true ? environment.backend : "";
    return canonical([stage.name, Object.fromEntries(fixed), backend ?? "", processor(), CORES]);
  }

  #runsLike(task: Task): Promise<readonly Sample[]> {
    const likeness = this.likeness(task);
    const known = this.#runs.get(likeness) ?? this.#readRuns(task, likeness);
    this.#runs.set(likeness, known);
    return known;
  }

  async #readRuns({ stage, point }: Task, likeness: string): Promise<readonly Sample[]> {
    const { workspace, pipeline: { replicates = [] } } = this.#engine;
    const place = placeOf(
      stage,
      Object.fromEntries(
        Object.entries(point).map(([axis, value]) => [axis, replicates.includes(axis) ? "*" : value]),
      ),
    );
    const [before, after = ""] = basename(place).split("*");
    const names = namesIfReadable(join(workspace.artifacts, stage.name))
      .filter((name) =>
        place.includes("*") ? name.startsWith(before) && name.endsWith(after) : name === before
      );
    const samples: Sample[] = [];
    for (const name of names.slice(0, PLACES)) {
      for (const artifact of await this.#artifactsAt(`${stage.name}/${name}`)) {
        if (this.likeness({ stage, point: artifact.point }) !== likeness) continue;
        samples.push(...[await this.#sample(stage, artifact) ?? []].flat());
      }
    }
    return samples;
  }

  /** The run of an artifact, where it ran on this machine and the stage still understands its parameters. */
  async #sample(stage: AnyStage, { dir, key, point }: Artifact): Promise<Sample | undefined> {
    const run = await readRun(join(dir, "run.json"));
    const { backend } = this.#engine.environment;
    if (run === undefined || run.host.cpu !== processor() || run.host.cores !== CORES) return undefined;
    if (key.environment.backend !== undefined && key.environment.backend !== backend) return undefined;
    const { seconds, peakMemory: memory } = run;
    try {
      const asked = { stage, params: stage.params.parse(key.params) };
      const stated = await declared(asked, await this.#inputsThen(stage, { key, point }));
      return { params: canonical(key.params), work: stated.seconds || 1, seconds, memory };
    } catch {
      return undefined; // parameters of an older version of the stage, or its inputs are gone
    }
  }

  /** The stages and parameters of the artifacts that another was made from. */
  async #inputsThen(
    stage: AnyStage,
    { key, point }: Pick<Artifact, "key" | "point">,
  ): Promise<Readonly<Record<string, Asked>>> {
    const found: Record<string, Asked> = {};
    for (const [name, input] of Object.entries(stage.inputs as Inputs)) {
      if ("every" in input) continue;
      const artifact = (await this.#artifactsAt(placeOf(input, point)))
        .find(({ digest }) => digest === key.inputs[name]);
      if (artifact) found[name] = { stage: input, params: input.params.parse(artifact.key.params) };
    }
    return found;
  }

  #artifactsAt(place: string): Promise<readonly Artifact[]> {
    const known = this.#stored.get(place) ?? artifactsOf(this.#engine.workspace, place).catch(() => []);
    this.#stored.set(place, known);
    return known;
  }
}

function inputsOf({ inputs }: Task): Readonly<Record<string, Asked>> {
  return Object.fromEntries(
    Object.entries(inputs).filter((entry): entry is [string, Task] => !Array.isArray(entry[1])),
  );
}

/** The stage's declaration for these parameters. */
async function declared(
  { stage, params }: Asked,
  inputs: Readonly<Record<string, Asked>>,
): Promise<Estimate> {
  if (stage.estimate === undefined) return {};
  const entries = Object.entries(inputs).map(async ([name, input]) =>
    [name, { params: input.params, modules: await modulesOf(input) }] as const
  );
  const context = {
    modules: await modulesOf({ stage, params }),
    inputs: Object.fromEntries(await Promise.all(entries)),
  };
  return stage.estimate(params, context);
}

async function modulesOf({ stage, params }: Asked): Promise<Readonly<Record<string, unknown>>> {
  const urls = Object.entries<string>(stage.modules?.(params) ?? {});
  return Object.fromEntries(await Promise.all(urls.map(async ([name, url]) => [name, await import(url)])));
}

/** Distance of two amounts of work: the absolute logarithm of their ratio. */
function distance(a: number, b: number): number {
  return Math.abs(Math.log(a / b));
}

const CORES = navigator.hardwareConcurrency;

/** Free space on all disks that hold artifacts, bytes; Infinity where the system does not report it. */
export async function freeDisk({ workspace }: Engine): Promise<number> {
  try {
    const disks = new Map<number, string>();
    for (const folder of [workspace.artifacts, ...placesIn(workspace)]) {
      const info = await Deno.stat(folder).catch(() => undefined);
      if (info?.isDirectory) disks.set(info.dev, folder);
    }
    const found = await Promise.all(disks.values().map(freeBytes));
    return found.length === 0 ? Infinity : found.reduce((sum, bytes) => sum + bytes, 0);
  } catch {
    return Infinity;
  }
}
