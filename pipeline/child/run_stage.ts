/**
 * Runs one stage, in the main thread of the task's child process: a worker started by a worker takes a second to get
 * its first message (Deno 2.9), and stages start workers.
 *
 * @module
 */
import { messageOf } from "../base/errors.ts";
import type { Job, Message } from "./protocol.ts";
import type { Artifact, Context, Json, Run } from "../stage.ts";

/** Progress is passed on at most this often, in ms. */
const INTERVAL = 100;

/** Where a stage's reports go, and what tells it to stop. */
export interface Line {
  readonly say: (message: Message) => void;
  readonly signal: AbortSignal;
}

/** Runs a job to its answer. Never throws: an error is an answer. */
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

/** A misspelt input is an error with a name, not an undefined somewhere later. */
function declaredOnly({ task, inputs }: Job): Record<string, Artifact | readonly Artifact[]> {
  return new Proxy({ ...inputs }, {
    get(target, name) {
      if (typeof name === "symbol" || name in target) return Reflect.get(target, name);
      const declared = Object.keys(target).join(", ") || "none";
      throw new Error(`Cannot read input "${name}" of ${task}: its inputs are ${declared}`);
    },
  });
}

/** JSON writes NaN as null: a result that is not a number must not become one that is missing. */
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

/** A stage that ends its process leaves no answer behind. */
function forbidExit(): void {
  Object.defineProperty(Deno, "exit", {
    value: () => {
      throw new Error("Cannot exit inside a stage: throw an error or return");
    },
  });
}

/** What the runtime keeps for a script from one run to the next asks for no permission, and no key knows it. */
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

/** Anything thrown, as the answer. */
export function failure(error: unknown): Message {
  return {
    type: "error",
    message: messageOf(error),
    stack: error instanceof Error ? Deno.inspect(error) : "",
  };
}
