/**
 * The engine's side of the watchdog.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

/** The most restarts of a watchdog that ended by itself; after them the engine continues without one. */
const RESTARTS = 20;

interface Watchdog {
  readonly process: Deno.ChildProcess;
  readonly stdin: WritableStreamDefaultWriter<Uint8Array>;
}

/** Ends all children when the engine ends. The watchdog starts with the first child. */
export class Guard implements AsyncDisposable {
  readonly #children = new Set<number>();
  #watchdog?: Watchdog;
  #starts = 0;
  #closed = false;

  /** Makes the watchdog end this process when the engine ends. */
  async add(pid: number): Promise<void> {
    this.#children.add(pid);
    if (this.#watchdog === undefined) await this.#start();
    else await this.#tell(`+${pid}\n`);
  }

  /** Removes a process that has ended, as its number may be reused. */
  async remove(pid: number): Promise<void> {
    this.#children.delete(pid);
    await this.#tell(`-${pid}\n`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#watchdog?.stdin.close().catch(() => {});
    await this.#watchdog?.process.status;
  }

  async #start(): Promise<void> {
    this.#starts++;
    const watchdog = start();
    this.#watchdog = watchdog;
    watchdog.process.status.then(() => this.#startAgain());
    await this.#tell([...this.#children].map((pid) => `+${pid}\n`).join(""));
  }

  async #startAgain(): Promise<void> {
    if (!this.#closed && this.#starts <= RESTARTS) await this.#start();
  }

  /** Sends a line to the watchdog. A new watchdog receives all children anew, so lost lines do no harm. */
  async #tell(text: string): Promise<void> {
    await this.#watchdog?.stdin.write(new TextEncoder().encode(text)).catch(() => {});
  }
}

function start(): Watchdog {
  const process = new Deno.Command(Deno.execPath(), {
    // Ending a process needs --allow-run.
    args: [
      "run",
      "--quiet",
      "--no-config",
      "--allow-run",
      fileURLToPath(new URL("./watchdog.ts", import.meta.url)),
    ],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
  return { process, stdin: process.stdin.getWriter() };
}
