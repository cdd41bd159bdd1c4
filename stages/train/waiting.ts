/**
 * How much of its time a run waits for views: near 0 where the augmentation workers keep ahead of the networks, so that
 * the device is kept busy. Goes into run.json and beside the progress bar, never into a result.
 *
 * @module
 */

/** Starts counting when it is made. */
export class Waiting {
  readonly #started = clock();
  #waited = 0; // ms

  /** Waits for `work`, and counts how long that takes. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const from = clock();
    const result = await work();
    this.#waited += clock() - from;
    return result;
  }

  /** Waiting as a part of the time since the start, 0 … 1. */
  get share(): number {
    return this.#waited / Math.max(clock() - this.#started, 1e-3);
  }
}

/** ms */
function clock(): number {
  // deno-lint-ignore layers/hidden-input -- no result depends on it
  return performance.now();
}
