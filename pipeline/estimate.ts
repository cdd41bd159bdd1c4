/**
 * What a run is going to cost: from what the same task took before, scaled where its parameters are others, else from
 * what its stage says.
 *
 * @module
 */
import { join } from "node:path";
import type { Engine } from "./engine.ts";
import { canonical } from "./canonical.ts";
import { freeBytes } from "./files.ts";
import type { Planned } from "./events.ts";
import { type Cores, forecast } from "./forecast.ts";
import { dependencies, type Task } from "./graph.ts";
import { placesIn } from "./place.ts";
import type { Status } from "./plan.ts";
import { type Cost, readCost } from "./records.ts";
import type { AnyStage, Artifact, Estimate, Json } from "./types.ts";

export interface Plan {
  readonly tasks: readonly Planned[];
  /** Of everything that may run, as the scheduler would do it; tasks whose time is not known take none. */
  readonly seconds: number;
  /** The same, of what is certain to run. */
  readonly least: number;
  /** Tasks whose time is not known. */
  readonly unknown: number;
  /** Bytes written, as far as the stages say. */
  readonly disk: number;
  /** Bytes resident of the largest task. */
  readonly memory: number;
}

export interface PlanOptions extends Cores {
  readonly statuses: ReadonlyMap<Task, Status>;
  readonly targets: ReadonlySet<Task>;
  readonly forced: ReadonlySet<Task>;
  /** That of a key: what took long on one backend says nothing of another. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What is going to run, in order. */
export async function planRun(options: PlanOptions): Promise<Plan> {
  const actions = actionsOf(options);
  const scales = new Scales(options);
  const tasks: Planned[] = [];
  const times = new Map<Task, number>();
  let [disk, memory] = [0, 0];
  for (const [task, action] of actions) {
    const status = options.statuses.get(task)!;
    const expected = await expectation(status, { scales, environment: options.environment });
    const reasons = options.forced.has(task) ? ["forced", ...status.reasons] : status.reasons;
    const { seconds = null, basis } = expected;
    tasks.push({ id: task.id, action, reasons, seconds, basis: seconds === null ? null : basis });
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

type Expected = Estimate & { readonly basis: NonNullable<Planned["basis"]> };

/**
 * Measured for the same parameters; else a measurement for other parameters, or of another task of the stage, scaled by
 * what the stage says of both; else the stage's word alone.
 */
async function expectation(
  { task, artifact }: Status,
  { scales, environment }: { readonly scales: Scales } & Pick<PlanOptions, "environment">,
): Promise<Expected> {
  const stated: Estimate = task.stage.estimate?.(task.params) ?? {};
  const own = artifact && isOf(environment, artifact) ? await measured(artifact) : undefined;
  if (own && canonical(artifact!.key.params) === canonical(task.params)) {
    return { ...stated, memory: own.peakMemory ?? stated.memory, seconds: own.seconds, basis: "measured" };
  }
  const scale = own ? scaleOf(task.stage, artifact!.key.params, own) : await scales.of(task.stage);
  if (stated.seconds === undefined) return { ...stated, seconds: own?.seconds, basis: "other" };
  if (scale === undefined) return { ...stated, basis: "stated" };
  return { ...stated, seconds: scale * stated.seconds, basis: "scaled" };
}

/** Made by the backend that is to compute, or without any. */
function isOf({ backend }: PlanOptions["environment"], { key }: Artifact): boolean {
  return key.environment.backend === undefined || key.environment.backend === backend;
}

async function measured({ dir }: Artifact): Promise<Cost | undefined> {
  return await readCost(join(dir, "run.json"));
}

/** How many times longer a run took than its stage says of its parameters. */
function scaleOf(stage: AnyStage, params: Json, { seconds }: Cost): number | undefined {
  try {
    const stated = stage.estimate?.(stage.params.parse(params)).seconds;
    return stated ? seconds / stated : undefined;
  } catch {
    // Parameters of an older version of the stage.
    return undefined;
  }
}

/** Tasks of a stage that are looked at. */
const SAMPLES = 5;

/** How many times longer than they say stages took here, from the runs of their tasks: the median of a few. */
class Scales {
  readonly #options: Pick<PlanOptions, "statuses" | "environment">;
  readonly #known = new Map<AnyStage, Promise<number | undefined>>();

  constructor(options: Pick<PlanOptions, "statuses" | "environment">) {
    this.#options = options;
  }

  of(stage: AnyStage): Promise<number | undefined> {
    const known = this.#known.get(stage) ?? this.#measure(stage);
    this.#known.set(stage, known);
    return known;
  }

  async #measure(stage: AnyStage): Promise<number | undefined> {
    const { statuses, environment } = this.#options;
    const artifacts = statuses.values()
      .filter(({ task, artifact }) => task.stage === stage && artifact && isOf(environment, artifact))
      .map(({ artifact }) => artifact!).take(SAMPLES);
    const scales: number[] = [];
    for (const artifact of artifacts) {
      const run = await measured(artifact);
      scales.push(...(run ? [scaleOf(stage, artifact.key.params, run) ?? []].flat() : []));
    }
    return scales.sort((a, b) => a - b)[Math.floor(scales.length / 2)];
  }
}

/** Bytes free on all disks that hold artifacts; Infinity where the system does not tell. */
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
