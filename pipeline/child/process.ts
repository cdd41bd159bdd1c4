/**
 * One child process: starts it, sends its job, collects its messages, and stops it on request.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { Guard } from "./guard.ts";
import type { LogFile } from "./log_file.ts";
import { PeakMemory } from "./peak_memory.ts";
import { decode, type Job, type Message, readBatches, STOP } from "./protocol.ts";
import type { Json } from "../stage.ts";

/** The result of the process. */
export type Outcome =
  & { readonly peakMemory: number | null }
  & (
    | { readonly type: "result"; readonly meta: Json; readonly records: Readonly<Record<string, Json>> }
    | { readonly type: "error"; readonly message: string }
    | { readonly type: "stopped" }
  );

export interface ChildOptions {
  readonly flags: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** The log that receives all output of the process. */
  readonly log: LogFile;
  /** Called when the stage's code is loaded. */
  readonly loaded: () => void;
  readonly progress: (message: Message & { readonly type: "progress" }) => void;
  /** Aborting asks the stage to stop, and ends the process after a grace period. */
  readonly signal: AbortSignal;
  readonly guard: Guard;
}

/** Time for a stage to write a checkpoint and stop, ms. */
const GRACE = 3_000;

/** Runs a job to its end. Errors of the stage are outcomes and never thrown. */
export async function runChild(job: Job, options: ChildOptions): Promise<Outcome> {
  const child = new Deno.Command(Deno.execPath(), {
    // The scratch folder identifies the child in a list of processes.
    args: ["run", ...options.flags, fileURLToPath(new URL("./entry.ts", import.meta.url)), job.scratch],
    cwd: options.cwd,
    env: options.env,
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const memory = new PeakMemory(child.pid);
  const stdin = child.stdin.getWriter();
  const stop = stopper(child, stdin);
  options.signal.addEventListener("abort", stop.ask);
  if (options.signal.aborted) stop.ask();
  try {
    await options.guard.add(child.pid);
    await stdin.write(line(JSON.stringify(job))).catch(() => {});
    const [answer] = await Promise.all([
      listen(child.stdout, job, options),
      appendAll(child.stderr, options.log),
    ]);
    const status = await child.status;
    return { ...outcomeOf(answer, { status, stopped: options.signal.aborted }), peakMemory: memory.stop() };
  } finally {
    // Only an error of the engine itself arrives here before the process has ended.
    kill(child);
    memory.stop();
    options.signal.removeEventListener("abort", stop.ask);
    stop.done();
    await stdin.close().catch(() => {});
    await options.guard.remove(child.pid);
  }
}

function stopper(child: Deno.ChildProcess, stdin: WritableStreamDefaultWriter<Uint8Array>) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    ask: () => {
      stdin.write(line(STOP)).catch(() => {});
      timer ??= setTimeout(() => kill(child), GRACE);
    },
    done: () => clearTimeout(timer),
  };
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended by itself meanwhile.
  }
}

interface Answer {
  readonly records: Readonly<Record<string, Json>>;
  readonly last?: Message & { readonly type: "result" | "error" };
}

async function listen(
  stdout: ReadableStream<Uint8Array<ArrayBuffer>>,
  job: Job,
  options: ChildOptions,
): Promise<Answer> {
  const records: Record<string, Json> = {};
  let last: Answer["last"];
  const hear = (message: Message) => {
    if (message.type === "loaded") options.loaded();
    else if (message.type === "progress") options.progress(message);
    else if (message.type === "record") records[message.name] = message.value;
    else last = message;
  };
  for await (const lines of readBatches(stdout, { whole: job.mark })) {
    const printed: string[] = [];
    for (const text of lines) {
      const message = decode(text, job.mark);
      if (message !== undefined) hear(message);
      else if (text !== "") printed.push(text);
    }
    if (printed.length > 0) await options.log.print(line(printed.join("\n")));
  }
  if (last?.type === "error") await options.log.note(`${last.stack || last.message}\n`);
  return { records, last };
}

function outcomeOf(
  { records, last }: Answer,
  { status, stopped }: { readonly status: Deno.CommandStatus; readonly stopped: boolean },
) {
  if (last?.type === "result") return { type: "result", meta: last.meta, records } as const;
  if (stopped) return { type: "stopped" } as const;
  if (last?.type === "error") return { type: "error", message: last.message } as const;
  const how = status.signal === null
    ? `exit code ${status.code}`
    : `${status.signal} (killed, or out of memory)`;
  return { type: "error", message: `its process ended without an answer: ${how}` } as const;
}

async function appendAll(bytes: ReadableStream<Uint8Array>, log: LogFile): Promise<void> {
  for await (const chunk of bytes) await log.print(chunk);
}

function line(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\n`);
}
