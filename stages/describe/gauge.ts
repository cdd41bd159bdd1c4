/**
 * What every measurement of a calibration shares: the clock, the budget, the operations, and what was measured before.
 *
 * @module
 */
import type { Ops } from "../treenet/types.ts";
import { extrapolate, type Job } from "./extrapolate.ts";

/** Operations on every core, and on one. */
export interface Power {
  readonly all: Ops;
  readonly one: Ops;
}

/** Measures jobs, each of a name once. */
export class Gauge {
  readonly #known = new Map<string, Promise<number>>();

  constructor(
    readonly power: Power,
    /** Cores of the machine. */
    readonly cores: number,
    readonly clock: () => number,
  ) {}

  /** Seconds of a job; jobs of one name are one. `budget`: seconds that measuring it may take. */
  seconds(name: string, job: Job, { budget }: { readonly budget: number }): Promise<number> {
    const known = this.#known.get(name) ?? extrapolate(job, { budget, clock: this.clock });
    this.#known.set(name, known);
    return known;
  }
}
