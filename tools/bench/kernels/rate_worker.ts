/**
 * A thread of {@linkcode measureRates}. It announces that it is ready: messages to a worker whose module
 * still awaits an import, such as a compiler's, are lost.
 *
 * @module
 */
import { Workshop } from "../../../treenet/ops/wasm/workshop.ts";
import { type Ceiling, ceiling, CHAINS, flopOfTurn } from "./ceiling.ts";
import { type Layer, layersOf, type Part, STEPS, type Tree, type Work } from "./layer_jobs.ts";
import { inRounds, type Place, type Timing } from "./kernel_pace.ts";

/** The measurements that a thread has to make. */
export interface Assignment extends Effort {
  readonly place: Place;
  readonly trees: readonly Tree[];
}

/** Size of a measurement. */
export interface Effort {
  /** Duration of one measurement, ms. */
  readonly windowMs: number;
  /** Operations of a thread in a round, FLOP. */
  readonly flop: number;
}

/** One measurement as one thread saw it. */
export interface Sample extends Work, Timing {
  readonly of: { readonly chains: number } | Layer & { readonly part: Part };
}

const TURNS = 10_000; // of the ceiling's loop, a job: a fraction of a millisecond

const scope = self as unknown as {
  onmessage: (event: MessageEvent<Assignment>) => Promise<void>;
  postMessage(message: "ready" | readonly Sample[]): void;
};

scope.onmessage = async ({ data }) => {
  const workshop = await Workshop.open(1);
  scope.postMessage([...samples(workshop, data)]);
};
scope.postMessage("ready");

function* samples(workshop: Workshop, { place, trees, windowMs, flop }: Assignment): Generator<Sample> {
  const sample = (of: Sample["of"], work: Work, job: () => void): Sample => {
    const jobs = place.threads * Math.ceil(flop / work.executed);
    return { of, ...work, ...inRounds(place, { job, jobs, windowMs }) };
  };
  for (const chains of CHAINS) {
    const run: Ceiling = ceiling(chains), work = TURNS * flopOfTurn(chains);
    yield sample({ chains }, { flop: work, executed: work }, () => void run(TURNS));
  }
  for (const tree of trees) {
    for (const { layer, work, jobs, products } of layersOf(workshop, tree)) {
      for (const step of STEPS) {
        yield sample({ ...layer, part: step }, work, jobs[step]);
        if (products === undefined) continue;
        const { executed } = work;
        yield sample({ ...layer, part: `products of ${step}` }, { flop: executed, executed }, products[step]);
      }
    }
  }
}
