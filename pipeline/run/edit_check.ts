/**
 * Ensures that the running code is the code of the key: a child process loads its modules after the engine
 * has hashed them, and a file may be edited in between.
 *
 * @module
 */
import type { Outcome } from "../child/process.ts";
import type { Engine } from "../plan/engine.ts";
import type { Task } from "../stage.ts";

/** Checks once the child has loaded its code, and again at its end, as parts are loaded on demand. */
export class EditCheck {
  readonly #engine: Pick<Engine, "code">;
  readonly #task: Task;
  readonly #stop = new AbortController();
  #edited: Promise<readonly string[]> = Promise.resolve([]);

  constructor(engine: Pick<Engine, "code">, task: Task) {
    this.#engine = engine;
    this.#task = task;
  }

  /** Aborted where the child's code differs from the key's. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  check(): void {
    this.#edited = this.#look();
  }

  /** The child's outcome, or an error where its code changed. */
  async verdict(outcome: Outcome): Promise<Outcome> {
    const early = await this.#edited;
    const edited = early.length > 0 ? early : await this.#look();
    if (edited.length === 0) return outcome;
    const message = `its code changed since the run began (${edited.join(", ")}), run the same command again`;
    return { type: "error", message, peakMemory: outcome.peakMemory };
  }

  async #look(): Promise<readonly string[]> {
    const edited = await this.#engine.code(this.#task).changed();
    if (edited.length > 0) this.#stop.abort();
    return edited;
  }
}
