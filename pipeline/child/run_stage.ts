/**
 * Runs one stage in the main thread of the task's child process, not in a worker: stages start workers
 * themselves, and the first message of a nested worker takes a second (Deno 2.9).
 *
 * @module
 */
import { messageOf } from "../base/errors.ts";
import type { Job, Message } from "./protocol.ts";
import type { Artifact, Context, Json, Run } from "../stage.ts";

/** Shortest time between two progress messages, ms. */
const INTERVAL = 100;

/** The receiver of a stage's messages, and the signal that stops the stage. */
export interface Line {
  readonly say: (message: Message) => void;
  readonly signal: AbortSignal;
}

/** Runs a job and returns its answer; errors are answers and never thrown. */
export async function runStage(job: Job, line: Line): Promise<Message> {
  try {
    return { type: "result", meta: await run(job, line) };
  } catch (error) {
    return failure(error);
  }
}

async function run(job: Job, line: Line): Promise<Json> {
  forbidExit();
  forbidMemory();
  const { run: stage } = await import(job.run) as { readonly run: Run };
  const modules: Record<string, unknown> = {};
  for (const [name, url] of Object.entries(job.modules)) modules[name] = await import(url);
  line.say({ type: "loaded" });
  const meta = await stage(contextOf(job, { modules, line }), job.params, declaredOnly(job)) ?? null;
  refuseUnwritable(meta, "meta");
  return meta as Json;
}

function contextOf(
  job: Job,
  { modules, line }: { readonly modules: Context["modules"]; readonly line: Line },
): Context {
  const { out, scratch, cores, backend, library, hints } = job;
  return {
    out,
    scratch,
    cores,
    backend,
    library,
    hints,
    modules,
    signal: line.signal,
    progress: throttledProgress(line.say),
    record: (name, value) => line.say({ type: "record", name, value }),
  };
}

function throttledProgress(say: Line["say"]): Context["progress"] {
  let last = -Infinity;
  return (done, total, note) => {
    const now = performance.now();
    if (now - last < INTERVAL && done !== total) return;
    last = now;
    say({ type: "progress", done, total, note: note ?? null });
  };
}

/** The declared inputs. Reading any other name throws an error with that name. */
function declaredOnly({ task, inputs }: Job): Record<string, Artifact | readonly Artifact[]> {
  return new Proxy({ ...inputs }, {
    get(target, name) {
      if (typeof name === "symbol" || name in target) return Reflect.get(target, name);
      const declared = Object.keys(target).join(", ") || "none";
      throw new Error(`Cannot read input "${name}" of ${task}: its inputs are ${declared}`);
    },
  });
}

/** Refuses values that JSON cannot write: NaN would become null, which reads as a missing result. */
function refuseUnwritable(value: unknown, path: string): void {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new Error(`Cannot keep ${path}: it is ${value}, expected a finite number`);
  }
  if (typeof value !== "object" || value === null) return;
  if (ArrayBuffer.isView(value)) {
    throw new Error(`Cannot keep ${path}: it is a ${value.constructor.name}, expected plain JSON`);
  }
  for (const [key, inner] of Object.entries(value)) refuseUnwritable(inner, `${path}.${key}`);
}

/** Forbids a stage to end its process, which would leave no answer. */
function forbidExit(): void {
  Object.defineProperty(Deno, "exit", {
    value: () => {
      throw new Error("Cannot exit inside a stage: throw an error or return");
    },
  });
}

/** Forbids storage that the runtime keeps between runs: it needs no permission, and no key covers it. */
function forbidMemory(): void {
  for (const name of ["localStorage", "sessionStorage", "caches"]) {
    Object.defineProperty(globalThis, name, {
      get: () => {
        throw new Error(
          `Cannot use ${name} inside a stage: it outlives the run, write to the scratch folder`,
        );
      },
    });
  }
}

/** An error as an answer. */
export function failure(error: unknown): Message {
  return {
    type: "error",
    message: messageOf(error),
    stack: error instanceof Error ? Deno.inspect(error) : "",
  };
}
