/**
 * Gives up on a source that stays silent.
 *
 * @module
 */

/** Aborts its signal when {@linkcode Watchdog.heard} was not called for a while. */
export class Watchdog implements Disposable {
  readonly #controller = new AbortController();
  readonly #milliseconds: number;
  #timer: ReturnType<typeof setTimeout>;

  /** Starts waiting at once. */
  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
    this.#timer = this.#wait();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Restarts the wait, because data came. */
  heard(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#wait();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #wait(): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      this.#controller.abort(new Error(`it was silent for ${this.#milliseconds / 1000} s`));
    }, this.#milliseconds);
  }
}
