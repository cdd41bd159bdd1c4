/**
 * The engine's side of the watchdog.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

/** Makes sure that no child outlives the engine. Started with the first child. */
export class Guard implements AsyncDisposable {
  #watchdog?: {
    readonly process: Deno.ChildProcess;
    readonly stdin: WritableStreamDefaultWriter<Uint8Array>;
  };

  /** Ends this process when the engine is gone. */
  async add(pid: number): Promise<void> {
    this.#watchdog ??= start();
    await this.#watchdog.stdin.write(new TextEncoder().encode(`+${pid}\n`));
  }

  /** The process has ended: its number may become another's. */
  async remove(pid: number): Promise<void> {
    await this.#watchdog?.stdin.write(new TextEncoder().encode(`-${pid}\n`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#watchdog === undefined) return;
    await this.#watchdog.stdin.close();
    await this.#watchdog.process.status;
  }
}

function start() {
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
