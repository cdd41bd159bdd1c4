/**
 * The loops of the parameter update in C++ (`loops.cc`), on the threads of the addon. They work in place on
 * JavaScript's arrays, which a TensorFlow operation cannot.
 *
 * @module
 */
import type { Loops } from "../../nn/types.ts";
import { ratesOf, sameLength } from "../../optimiser.ts";

const SYMBOLS = {
  treenet_squares: { parameters: ["buffer", "usize"], result: "f64" },
  treenet_scale: { parameters: ["buffer", "usize", "f64"], result: "void" },
  treenet_adamw: {
    parameters: ["buffer", "buffer", "buffer", "buffer", "usize", "f64", "f64", "f64"],
    result: "void",
  },
  treenet_ema: { parameters: ["buffer", "buffer", "usize", "f64"], result: "void" },
} as const;

/** Loops, which the caller closes. */
export interface HostLoops {
  readonly loops: Loops;
  close(): void;
}

/** Opens the loops of a loaded addon by its absolute path; they run on TensorFlow's number of threads. */
export function hostLoops(library: string): HostLoops {
  const addon = Deno.dlopen(library, SYMBOLS), { symbols } = addon;
  const loops: Loops = {
    squares: (x) => symbols.treenet_squares(bytes(x), size(x.length)),
    scale: (x, factor) => symbols.treenet_scale(bytes(x), size(x.length), factor),
    adamw({ weights, first, second }, gradient, options) {
      const { keep, step, correction } = ratesOf(options);
      const arrays = [weights, first, second, gradient] as const;
      sameLength(arrays);
      symbols.treenet_adamw(
        ...arrays.map(bytes) as Four<BufferSource>,
        size(weights.length),
        keep,
        step,
        correction,
      );
    },
    ema(average, values, momentum) {
      sameLength([average, values]);
      symbols.treenet_ema(bytes(average), bytes(values), size(average.length), momentum);
    },
  };
  return { loops, close: () => addon.close() };
}

type Four<T> = [T, T, T, T];

function size(n: number): bigint {
  return BigInt(n);
}

function bytes(x: Float32Array): BufferSource {
  return x as Float32Array<ArrayBuffer>;
}
