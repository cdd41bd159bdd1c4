/**
 * How long a profile takes on this machine: a few seconds of its own computations, and what follows from them.
 *
 * @module
 */
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import type { Backend, Json, Point } from "../../pipeline/types.ts";
import { wall } from "./clock.ts";
import type { Answer, Question } from "./measure_child.ts";

/** A task of the profile. */
export interface TaskOutlook {
  readonly id: string;
  readonly stage: string;
  readonly point: Point;
  readonly params: Json;
  readonly numeric: boolean;
  readonly network: boolean;
  /** Seconds, by its stage's own word. */
  readonly stated?: number;
}

/** A profile, and how its tasks would be run. */
export interface ProfileOutlook {
  readonly tasks: readonly TaskOutlook[];
  readonly backend: Backend;
  readonly seconds: (times: ReadonlyMap<string, number>, jobs: number) => number;
}

/** Estimated seconds. */
export interface Times {
  readonly backend: string;
  readonly machine: { readonly cpu: string; readonly cores: number };
  /** That the estimate took. */
  readonly calibration: number;
  /** Of that time, the part that this process was computing; the rest went to other work of the machine. */
  readonly share: number;
  /** Of the whole profile, from nothing, as the scheduler would run it on all cores, were they idle. */
  readonly seconds: number;
  /** Of every task by itself; absent for those that depend on the network, which `seconds` leaves out. */
  readonly tasks: readonly {
    readonly id: string;
    readonly stage: string;
    readonly point: Point;
    readonly seconds?: number;
  }[];
}

/** Runs the calibration. */
export async function timesOf({ tasks, backend, seconds }: ProfileOutlook): Promise<Times> {
  const cores = coresHere(), began = wall();
  const { start, tasks: measured, share } = await ask(
    {
      tasks: tasks.map(({ id, stage, point, params }) => ({ id, stage, point, params })),
      backend: backend.name,
      device: backend.environment.device ?? "cpu",
      library: backend.library,
      cores,
    },
    backend.variables?.(cores) ?? {},
  );
  const timed = tasks.map(({ id, stage, point, network, stated }) => ({
    id,
    stage,
    point,
    seconds: network ? undefined : id in measured ? start + measured[id] : stated,
  }));
  const known = timed.flatMap(({ id, seconds }) => seconds === undefined ? [] : [[id, seconds] as const]);
  return {
    backend: backend.name,
    machine: { cpu: cpus()[0]?.model ?? "unknown processor", cores },
    calibration: wall() - began,
    share: Math.min(1, share),
    seconds: seconds(new Map(known), cores),
    tasks: timed,
  };
}

const CHILD = fileURLToPath(new URL("./measure_child.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));

async function ask(question: Question, variables: Readonly<Record<string, string>>): Promise<Answer> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", "--config", CONFIG, CHILD],
    env: { ...variables },
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  await ReadableStream.from([new TextEncoder().encode(JSON.stringify(question))]).pipeTo(child.stdin);
  const { code, stdout } = await child.output();
  if (code === 0) return JSON.parse(new TextDecoder().decode(stdout));
  throw new Error(
    `Cannot estimate times with backend ${question.backend}: the calibration ended with ${code}, see above, ` +
      "or ask for --sizes alone",
  );
}

/** Cores that a run would keep busy. */
function coresHere(): number {
  // deno-lint-ignore layers/hidden-input -- an estimate is of this machine
  return navigator.hardwareConcurrency;
}
