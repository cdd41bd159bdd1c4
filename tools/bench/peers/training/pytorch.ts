/**
 * A process in which PyTorch makes training steps whenever it is asked.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { Python } from "../../../../tests/fixtures/python.ts";
import { jobOf, nameOf, type Step, type Variant } from "./training_steps.ts";

const SCRIPT = fileURLToPath(new URL("./pytorch_step.py", import.meta.url));

/** Ready to measure; between measurements its threads sleep. Disposing of it ends the process. */
export class PyTorch implements AsyncDisposable {
  readonly variant: Variant;
  readonly #step: Step;
  readonly #child: Deno.ChildProcess;
  readonly #orders: WritableStreamDefaultWriter<Uint8Array>;
  readonly #answers: ReadableStreamDefaultReader<string>;
  readonly #errors: Promise<string>;
  #read = "";

  /** @throws {Error} with what PyTorch said where it cannot compute the step this way */
  static async start(python: Python, step: Step, variant: Variant): Promise<PyTorch> {
    const started = new PyTorch(python, step, variant);
    try {
      await started.#answer();
      return started;
    } catch (error) {
      await started[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(python: Python, step: Step, variant: Variant) {
    this.#step = step;
    this.variant = variant;
    this.#child = new Deno.Command(`${python.bin}/python`, {
      args: [SCRIPT, jobOf(step, variant, { warmup: 2 })],
      env: { PYTHONDONTWRITEBYTECODE: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#orders = this.#child.stdin.getWriter();
    this.#answers = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    this.#errors = new Response(this.#child.stderr).text();
  }

  /** Images a second, by the median of so many steps. */
  async rate(steps: number): Promise<number> {
    await this.#orders.write(new TextEncoder().encode(`${steps}\n`));
    const { medianMs } = JSON.parse(await this.#answer());
    return 1000 * this.#step.batch / medianMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#orders.close().catch(() => {}); // it may have ended by itself
    await this.#child.status;
    await this.#answers.cancel();
    await this.#errors;
  }

  /** The next line. */
  async #answer(): Promise<string> {
    for (;;) {
      const end = this.#read.indexOf("\n");
      if (end >= 0) {
        const line = this.#read.slice(0, end);
        this.#read = this.#read.slice(end + 1);
        return line;
      }
      const { value, done } = await this.#answers.read();
      if (done) {
        const said = (await this.#errors).trim().split("\n").at(-1);
        throw new Error(`PyTorch cannot compute ${this.#step.name} ${nameOf(this.variant)}: ${said}`);
      }
      this.#read += value;
    }
  }
}
