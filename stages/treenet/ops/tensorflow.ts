/**
 * The strategy of the tensorflow backend: TensorFlow's own kernels, called by name.
 *
 * @module
 */
import { tidy } from "@tensorflow/tfjs-core";
import type { Ops } from "../types.ts";
import { batchNorm, ownBatchNorm, rectifiedSum } from "./tensorflow/batch_norm.ts";
import { conv2d } from "./tensorflow/convolution.ts";
import { Eager } from "./tensorflow/eager.ts";
import { hostLoops } from "./tensorflow/host_loops.ts";
import { startLibrary } from "./tensorflow/library.ts";
import { groupedLinear, matMul } from "./tensorflow/linear.ts";
import { pathways, pixelGradients, strategyFor } from "./tensorflow/pathways.ts";
import type { Strategy } from "./tensorflow/plan.ts";

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
