/**
 * The loops of the parameter update in C++, on the threads of the addon: `loops.cc`. They work on JavaScript's arrays
 * where they are, which a TensorFlow operation cannot.
 *
 * @module
 */
import { ratesOf } from "../../adamw.ts";
import type { Loops } from "../../loops.ts";

const SYMBOLS = {
  treenet_squares: { parameters: ["buffer", "usize"], result: "f64" },
  treenet_scale: { parameters: ["buffer", "usize", "f64"], result: "void" },
  treenet_adamw: {
    parameters: ["buffer", "buffer", "buffer", "buffer", "usize", "f64", "f64", "f64"],
    result: "void",
  },
  treenet_ema: { parameters: ["buffer", "buffer", "usize", "f64"], result: "void" },
} as const;

/** Those of the addon at an absolute path, which is loaded already: its threads are as many as it was loaded with. */
export function hostLoops(library: string): Loops {
  const { symbols } = Deno.dlopen(library, SYMBOLS);
  return {
    squares: (x) => symbols.treenet_squares(bytes(x), size(x.length)),
    scale: (x, factor) => symbols.treenet_scale(bytes(x), size(x.length), factor),
    adamw({ weights, first, second }, gradient, options) {
      const { keep, step, correction } = ratesOf(options);
      const arrays = [weights, first, second, gradient].map(bytes) as Four<BufferSource>;
      symbols.treenet_adamw(...arrays, size(weights.length), keep, step, correction);
    },
    ema: (average, values, momentum) =>
      symbols.treenet_ema(bytes(average), bytes(values), size(average.length), momentum),
  };
}

type Four<T> = [T, T, T, T];

function size(n: number): bigint {
  return BigInt(n);
}

function bytes(x: Float32Array): BufferSource {
  return x as Float32Array<ArrayBuffer>;
}
