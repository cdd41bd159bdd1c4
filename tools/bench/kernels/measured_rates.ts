/**
 * Rates of the pathways' kernels, layer by layer, beside the most that the machine can do, on one core and on
 * two at once.
 *
 * @module
 */
import denseJoin from "../../../treenet/models/dense_join.ts";
import cpu from "../../../profiles/cpu.json" with { type: "json" };
import paper from "../../../profiles/paper.json" with { type: "json" };
import type { Layer, Part, Tree } from "./layer_jobs.ts";
import { controlOf } from "./kernel_pace.ts";
import type { Assignment, Effort, Sample } from "./rate_worker.ts";

/** Number of cores that computed at once. */
export interface Way {
  readonly cores: number;
}

/** The most that the machine reached, GFLOP/s of all cores together. */
export interface CeilingRate extends Way {
  readonly gflops: number;
  /** Number of chains with which it was reached. */
  readonly chains: number;
}

/** Rates of a layer's kernel, GFLOP/s of all cores together. */
export interface LayerRate extends Way, Layer {
  readonly part: Part;
  /** Rate by the convolution's definition; for products alone, the rate of the products done. */
  readonly gflops: number;
  /** Rate of the matrix products that were done: fewer in Winograd's form. */
  readonly executed: number;
  /** `executed` over the ceiling of the same cores. */
  readonly ofCeiling: number;
}

/** All that is measured. */
export interface Rates {
  readonly ceilings: readonly CeilingRate[];
  readonly layers: readonly LayerRate[];
}

const EFFORT: Effort = { windowMs: 400, flop: 5e8 }; // rounds of about 10 ms

/** The leaves of the paper's recipe and of its strided version. */
export const TREES: readonly Tree[] = Object.entries({ paper, cpu }).map(([profile, data]) => ({
  profile,
  spec: denseJoin.config.parse(data.models["dense-join"]),
  images: data.train.microBatch,
  size: data["augment-cache"].globals.size,
}));

/** Measures every way, one after the other. */
export async function measureRates(
  options: Partial<Effort> & {
    readonly trees?: readonly Tree[];
    /** @default one and two, where there are two */
    readonly cores?: readonly number[];
    readonly began?: (way: Way) => void;
  } = {},
): Promise<Rates> {
  const { trees = TREES, cores = [1, 2].slice(0, navigator.hardwareConcurrency) } = options;
  const rates: Rates[] = [];
  for (const way of cores.map((n): Way => ({ cores: n }))) {
    options.began?.(way);
    rates.push(ratesOf(way, merged(await samplesOf(way, { ...EFFORT, ...options, trees }))));
  }
  return {
    ceilings: rates.flatMap(({ ceilings }) => ceilings),
    layers: rates.flatMap(({ layers }) => layers),
  };
}

/** Samples of each core, measured in a worker of its own, which is always terminated. */
export async function samplesOf(
  { cores }: Way,
  { windowMs, flop, trees }: Effort & Pick<Assignment, "trees">,
): Promise<readonly (readonly Sample[])[]> {
  const control = controlOf(),
    workers = Array.from(
      { length: cores },
      () => new Worker(new URL("./rate_worker.ts", import.meta.url), { type: "module" }),
    );
  try {
    return await Promise.all(
      workers.map((worker, thread) =>
        ask(worker, {
          place: { control, thread, threads: cores },
          trees,
          windowMs,
          flop,
        })
      ),
    );
  } finally {
    for (const worker of workers) worker.terminate();
  }
}

function ask(worker: Worker, assignment: Assignment): Promise<readonly Sample[]> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<"ready" | readonly Sample[]>) =>
      data === "ready" ? worker.postMessage(assignment) : resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(`Cannot measure kernels: ${event.message}`));
    };
  });
}

/** The threads' samples as one. */
export interface Merged extends Pick<Sample, "of" | "flop" | "executed" | "jobs"> {
  /** Time of the quickest round, ms: other work on the machine can only add to it. */
  readonly quickest: number;
}

/**
 * All threads' samples as one: a round's time is that of the thread that saw all of it.
 *
 * @throws {Error} where not every job was done in every round
 */
export function merged(threads: readonly (readonly Sample[])[]): readonly Merged[] {
  return threads[0].map(({ of, flop, executed, jobs, ms: rounds }, i) => {
    const done = threads.reduce((sum, samples) => sum + samples[i].done, 0);
    if (done !== jobs * rounds.length) {
      throw new Error(
        `Cannot measure ${JSON.stringify(of)}: ${done} jobs were done, expected ${rounds.length} × ${jobs}`,
      );
    }
    const whole = rounds.map((_, round) => Math.max(...threads.map((samples) => samples[i].ms[round])));
    return { of, flop, executed, jobs, quickest: Math.min(...whole) };
  });
}

function ratesOf(way: Way, samples: readonly Merged[]): Rates {
  const perSecond = (flop: number, { jobs, quickest }: Merged) => flop * jobs / quickest / 1e6;
  const tried = samples.flatMap((sample) =>
    "chains" in sample.of ? [{ ...way, ...sample.of, gflops: perSecond(sample.flop, sample) }] : []
  );
  const ceiling = tried.reduce((best, one) => one.gflops > best.gflops ? one : best);
  const layers = samples.flatMap((sample) => {
    if ("chains" in sample.of) return [];
    const [gflops, executed] = [sample.flop, sample.executed].map((flop) => perSecond(flop, sample));
    return [{ ...way, ...sample.of, gflops, executed, ofCeiling: executed / ceiling.gflops }];
  });
  return { ceilings: [ceiling], layers };
}
