/**
 * The strategy of the tensorflow backend: TensorFlow's own kernels, called by name.
 *
 * @module
 */
import { tidy } from "@tensorflow/tfjs-core";
import type { Ops } from "../../nn/types.ts";
import { batchNorm, ownBatchNorm, rectifiedSum } from "./fused_batch_norm.ts";
import { conv2d } from "./grouped_convolution.ts";
import { Eager } from "./eager.ts";
import { hostLoops } from "./host_loops.ts";
import { startLibrary } from "./library.ts";
import { groupedLinear, matMul } from "./fused_linear.ts";
import { pathways, pixelGradients, strategyFor } from "./grouped_pathways.ts";
import type { Strategy } from "./stack_plan.ts";

/** The library to load and the strategy to use. */
export interface TensorflowOptions {
  /** Threads of an operation; used only if the library is not loaded yet. */
  readonly cores: number;
  /** Absolute path of the addon. */
  readonly library?: string;
  /** Strategy for the pathways. @default the fastest measured on the device */
  readonly strategy?: Strategy;
}

/** Loads the library and makes it TensorFlow.js' current backend. */
export async function tensorflowOps({ strategy, ...options }: TensorflowOptions): Promise<Ops> {
  const eager = new Eager(await startLibrary(options)), how = strategy ?? strategyFor(eager);
  const { loops, close } = hostLoops(options.library!); // given, as the library was started with it
  return {
    name: "tensorflow",
    pathways: (images, params, spec) => pathways(eager, images, params, { spec, strategy: how }),
    pathwayGradients: (images, params, spec, gradient) =>
      tidy(() => {
        const all = pixelGradients(eager, images, params, { spec, strategy: how, gradient });
        return all.dataSync() as Float32Array;
      }),
    groupedLinear: (x, w, b) => groupedLinear(eager, x, w, b),
    matMul: (x, w) => matMul(eager, x, w),
    conv2d: (x, w, options) => conv2d(eager, { x, w, ...options }),
    batchNorm: (inputs) => how.way === "fused" ? ownBatchNorm(eager, inputs) : batchNorm(eager, inputs),
    rectifiedSum: (a, b) => rectifiedSum(eager, a, b),
    loops,
    close() {
      close();
      eager[Symbol.dispose]();
    },
  };
}
