/**
 * Threads that do the same work at the same time, each its share, in rounds that begin and end together.
 *
 * @module
 */

const ARRIVED = 0, GENERATION = 1, MORE = 2; // words
const PATIENCE = 60_000; // ms; a thread that failed never arrives

/** Memory for the threads of a measurement. */
export function controlOf(): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT));
}

/** A thread's place among the others. */
export interface Place {
  readonly control: Int32Array<SharedArrayBuffer>;
  /** Number of the thread, from 0. */
  readonly thread: number;
  readonly threads: number;
}

/** One thread's measurement. */
export interface Timing {
  /** Jobs in a round, all threads together. */
  readonly jobs: number;
  /** Jobs that this thread did in all rounds. */
  readonly done: number;
  /**
   * Time of every round, ms: from the start of this thread, which may be later than that of others, until all
   * jobs were done. A round takes the longest of all threads' times: the last thread to arrive opened it.
   */
  readonly ms: readonly number[];
}

/** Does every `threads`-th of the `jobs`, round after round, until the first thread's `windowMs` are over. */
export function inRounds(
  place: Place,
  { job, jobs, windowMs }: {
    readonly job: () => void;
    readonly jobs: number;
    readonly windowMs: number;
  },
): Timing {
  const { control, thread, threads } = place, end = performance.now() + windowMs;
  const ms: number[] = [];
  let done = 0;
  do {
    meet(place);
    const start = performance.now();
    for (let i = thread; i < jobs; i += threads, done++) job();
    // Between two meetings: all have read what it said before, and read this after the second.
    if (thread === 0) Atomics.store(control, MORE, performance.now() < end ? 1 : 0);
    meet(place);
    ms.push(performance.now() - start);
  } while (Atomics.load(control, MORE) === 1);
  return { jobs, done, ms };
}

/** Waits until all have come. */
function meet({ control, threads }: Place): void {
  const generation = Atomics.load(control, GENERATION);
  if (Atomics.add(control, ARRIVED, 1) + 1 === threads) {
    Atomics.store(control, ARRIVED, 0);
    Atomics.add(control, GENERATION, 1);
    Atomics.notify(control, GENERATION);
    return;
  }
  while (Atomics.load(control, GENERATION) === generation) {
    if (Atomics.wait(control, GENERATION, generation, PATIENCE) === "timed-out") {
      throw new Error(`Cannot go on: of ${threads} threads not all came within ${PATIENCE / 1000} s`);
    }
  }
}
