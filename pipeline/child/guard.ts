/**
 * The engine's side of the watchdog.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

/** A watchdog that ends by itself is started again so often, then the engine goes on without one. */
const RESTARTS = 20;

interface Watchdog {
  readonly process: Deno.ChildProcess;
  readonly stdin: WritableStreamDefaultWriter<Uint8Array>;
}

/** Makes sure that no child outlives the engine. Started with the first child. */
export class Guard implements AsyncDisposable {
  readonly #children = new Set<number>();
  #watchdog?: Watchdog;
  #starts = 0;
  #closed = false;

  /** Ends this process when the engine is gone. */
  async add(pid: number): Promise<void> {
    this.#children.add(pid);
    if (this.#watchdog === undefined) await this.#start();
    else await this.#tell(`+${pid}\n`);
  }

  /** The process has ended: its number may become another's. */
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

  /** A watchdog that is gone hears nothing: the next one is told of every child. */
  async #tell(text: string): Promise<void> {
    await this.#watchdog?.stdin.write(new TextEncoder().encode(text)).catch(() => {});
  }
}

function start(): Watchdog {
  const process = new Deno.Command(Deno.execPath(), {
    // Ending a process is what --allow-run stands for.
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
