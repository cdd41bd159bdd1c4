/**
 * The rate of a task and its remaining time, from its progress reports.
 *
 * @module
 */

interface Sample {
  /** Time of the report, ms. */
  readonly at: number;
  readonly done: number;
}

/** Keeps the last half minute of progress, so that the rate follows a change of pace. */
export class Meter {
  static readonly #window = 30_000;
  #samples: Sample[] = [];

  /** Adds a report at a time in ms; returns units per second and remaining seconds, null while unknown. */
  update(
    done: number,
    total: number,
    at: number,
  ): { readonly rate: number | null; readonly left: number | null } {
    const last = this.#samples.at(-1);
    // Another phase begins, with a pace of its own.
    if (last !== undefined && done < last.done) this.#samples = [];
    this.#samples.push({ at, done });
    while (this.#samples.length > 2 && this.#samples[0].at < at - Meter.#window) this.#samples.shift();
    const first = this.#samples[0];
    const seconds = (at - first.at) / 1000;
    if (seconds < 0.2 || done <= first.done) return { rate: null, left: null };
    const rate = (done - first.done) / seconds;
    return { rate, left: Math.max(0, total - done) / rate };
  }
}
