/**
 * What was asked of the speed when this was built, and how far it got.
 *
 * @module
 */
import { growthOf, stepSpeedups } from "./growth.ts";
import type { Kernels, Measurements } from "./measurements.ts";
import { timesOf } from "./words.ts";

/** A demand. */
export interface Goal {
  readonly what: string;
  readonly asked: string;
  /** Nothing where it was not measured. */
  readonly reached: readonly Reached[];
  /** What keeps it from more, where it was missed. */
  readonly bound: string;
}

type Layer = Kernels["layers"][number];

/** In words, and whether that is enough. */
export interface Reached {
  readonly text: string;
  readonly met: boolean;
}

const ONE_THREAD =
  "what one thread does alone: copies between TensorFlow.js' memory and the kernel's, the head, the " +
  "join, pooling, norms of gradients";
const OF_CEILING = 0.85;
const WIDTH = "vectors of 128 bits beside the peer's own width";

/** Every demand, in the order of the documents. */
export function goalsOf(measured: Measurements): readonly Goal[] {
  return [
    ratio(measured, { step: "dense-join-8", backend: "wasm", least: 0.5, bound: WIDTH }),
    ratio(measured, { step: "resnet50", backend: "wasm", least: 0.4, bound: `${WIDTH}; ${ONE_THREAD}` }),
    ratio(measured, {
      step: "dense-join-8",
      backend: "tensorflow",
      least: 1,
      bound: "calls of small operations",
    }),
    ratio(measured, {
      step: "resnet50",
      backend: "tensorflow",
      least: 1,
      bound: "calls of small operations",
    }),
    secondCore(measured),
    linearInLeaves(measured),
    kernels(measured, {
      what: "kernels: the matrix products of Winograd's form",
      counts: ({ part }) => part.startsWith("products"),
      bound: "explicit bounds checks, a comparison and a branch a load",
    }),
    kernels(measured, {
      what: "kernels: whole steps in Winograd's form, by the products that they execute",
      counts: ({ part, form }) => form === "tiled" && !part.startsWith("products"),
      bound: "transforms there and back, which are no products; they save five ninths of the definition's",
    }),
    kernels(measured, {
      what: "kernels: layers by plan",
      counts: ({ form }) => form === "planned",
      bound: "3 to 16 channels: few products for each number moved, and vectors half empty",
    }),
  ];
}

function ratio(
  { peers: { entries } }: Measurements,
  { step, backend, least, bound }: {
    readonly step: string;
    readonly backend: string;
    readonly least: number;
    readonly bound: string;
  },
): Goal {
  const found = entries.filter((entry) => entry.name === `train-step/${step}` && entry.backend === backend);
  return {
    what: `step, ${step}, by \`${backend}\``,
    asked: `${timesOf(least)} PyTorch's speed`,
    reached: found.map(({ ratio }) => ({ text: timesOf(ratio), met: ratio >= least })),
    bound,
  };
}

function secondCore({ scaling: { steps } }: Measurements): Goal {
  const least = 1.8;
  const found = stepSpeedups(steps).filter(({ name, backend }) =>
    name === "train-step/dense-join-8" && backend === "wasm"
  );
  return {
    what: "a second core, dense-join-8, by `wasm`",
    asked: `${timesOf(least)} the speed of one`,
    reached: found.map(({ times }) => ({ text: timesOf(times), met: times >= least })),
    bound: ONE_THREAD,
  };
}

function linearInLeaves({ scaling: { points } }: Measurements): Goal {
  const growth = growthOf(points, "m");
  return {
    what: "time over the number of leaves m",
    asked: "linear: m^1.00 or less",
    reached: growth === undefined
      ? []
      : [{ text: `m^${growth.exponent.toFixed(2)}`, met: growth.exponent < 1.05 }],
    bound: "caches, as all leaves' weights and images pass through them",
  };
}

/** Of kernels' rows that `counts` takes. */
function kernels(
  { kernels: { layers } }: Measurements,
  { what, counts, bound }: {
    readonly what: string;
    readonly counts: (layer: Layer) => boolean;
    readonly bound: string;
  },
): Goal {
  const shares = layers.filter(counts).map(({ ofCeiling }) => ofCeiling);
  return {
    what,
    asked: `${percent(OF_CEILING)} of the machine's ceiling`,
    reached: shares.length === 0 ? [] : [rangeOf(shares)],
    bound,
  };
}

function rangeOf(shares: readonly number[]): Reached {
  const [least, most] = [Math.min(...shares), Math.max(...shares)];
  return { text: `${percent(least)} to ${percent(most)}`, met: least >= OF_CEILING };
}

function percent(share: number): string {
  return `${Math.round(100 * share)}%`;
}
