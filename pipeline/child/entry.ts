/**
 * A task's child process: it receives its job from the engine, runs the stage, and stops when the engine
 * does. A stage that computes without a pause cannot notice the engine's end; the watchdog then ends it
 * (`watchdog.ts`).
 *
 * @module
 */
import { encode, type Job, type Message, readLines, STOP } from "./protocol.ts";
import { failure, runStage } from "./run_stage.ts";

/** Longest wait for a process of an earlier engine to release the scratch folder, ms. */
const PATIENCE = 10_000;

/** Saved before the stage is loaded, as a stage may not end the process. */
const exit = Deno.exit;

/** Reads the job from stdin and runs it. The exit code is 0 whenever an answer was given. */
async function main(): Promise<void> {
  // Ctrl-C reaches the whole process group; the engine alone reacts to it.
  Deno.addSignalListener("SIGINT", () => {});
  const lines = readLines(Deno.stdin.readable);
  const first = await lines.next();
  if (first.done) exit(1);
  const job = JSON.parse(first.value) as Job;
  const say = (message: Message) => writeAll(encode(message, job.mark));
  const stopping = new AbortController();
  watch(lines, stopping);
  reportStrays(say);
  using _lock = job.resumes ? await lockScratch(job.scratch) : null;
  say(await runStage(job, { say, signal: stopping.signal }));
  exit(0);
}

/** Passes a stop request to the stage. The end of stdin means that the engine is gone. */
async function watch(lines: AsyncGenerator<string>, stopping: AbortController): Promise<void> {
  for await (const line of lines) if (line === STOP) stopping.abort(new Error("Stopped by the engine"));
  exit(1);
}

/** Reports errors that the stage cannot catch, from a timer or an abandoned promise. */
function reportStrays(say: (message: Message) => void): void {
  const report = (event: Event, error: unknown) => {
    event.preventDefault();
    say(failure(error));
    exit(0);
  };
  addEventListener("error", (event) => report(event, event.error));
  addEventListener("unhandledrejection", (event) => report(event, event.reason));
}

/** Locks the scratch folder, as two writers would spoil a checkpoint. The lock ends with its process. */
async function lockScratch(scratch: string): Promise<Deno.FsFile> {
  const file = await Deno.open(`${scratch}.lock`, { create: true, write: true });
  for (let waited = 0; !await file.tryLock(true); waited += 100) {
    if (waited >= PATIENCE) {
      throw new Error(`Cannot use ${scratch}: another process holds it, stop that first`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await sayWho(file);
  return file;
}

/** Writes this process's id, in case it outlives its engine. A full disk is the stage's to report. */
async function sayWho(file: Deno.FsFile): Promise<void> {
  await file.truncate();
  await file.write(new TextEncoder().encode(String(Deno.pid))).catch(() => {});
}

function writeAll(text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let written = 0; written < bytes.length;) written += Deno.stdout.writeSync(bytes.subarray(written));
}

await main();
