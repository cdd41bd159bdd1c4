/**
 * The strategy of the wasm backend: our own kernel, on threads, beside TensorFlow.js' own memory.
 *
 * @module
 */
import { engine, type Tensor, type Tensor2D, type Tensor3D, type Tensor4D } from "@tensorflow/tfjs-core";
import type { Ops, PathwayParams } from "../../nn/types.ts";
import { batchNorm } from "./batch_norm_op.ts";
import { convolutionOperation } from "./convolution_op.ts";
import { apply } from "./differentiable.ts";
import { checkFits, outputSize } from "../geometry.ts";
import { ParameterUpdate } from "./parameter_update.ts";
import { pathwayOperation, pathwayPixelGradients } from "./pathways_op.ts";
import { Workshop } from "./workshop.ts";

/** @param options.cores threads that compute, this one included */
export async function wasmOps({ cores }: { readonly cores: number }): Promise<Ops> {
  const workshop = await Workshop.open(cores);
  const update = new ParameterUpdate(workshop.team);
  return {
    name: "wasm",
    pathways(images, params, spec) {
      const recording = engine().isTapeOn();
      const operation = pathwayOperation(workshop, { spec, imageShape: images.shape, recording });
      return apply<Tensor3D>(operation, [images, ...tensorsOf(params)]);
    },
    pathwayGradients(images, params, spec, gradient) {
      const [dy, ...inputs] = [gradient, images, ...tensorsOf(params)].map((t) =>
        t.dataSync() as Float32Array
      );
      return pathwayPixelGradients(workshop, { spec, imageShape: images.shape, inputs, dy });
    },
    groupedLinear(x, w, b) {
      const [images, groups, inputs] = x.shape, outputs = w.shape[2];
      const convolution = { name: "groupedLinear", ...PIXELS, groups, images, inputs, outputs };
      const shapes = {
        inputs: [x.shape, [groups, inputs, outputs], [groups, outputs]],
        shape: [images, groups, outputs],
      };
      return apply<Tensor3D>(convolutionOperation(workshop, convolution, shapes), [x, w, b]);
    },
    matMul(x, w) {
      const [images, inputs] = x.shape, outputs = w.shape[1];
      const convolution = { name: "matMul", ...PIXELS, groups: 1, images, inputs, outputs };
      const shapes = { inputs: [x.shape, [inputs, outputs]], shape: [images, outputs] };
      return apply<Tensor2D>(convolutionOperation(workshop, convolution, shapes), [x, w]);
    },
    conv2d: (x, w, options) => conv2d(workshop, { x, w, ...options }),
    batchNorm: (inputs) => batchNorm(workshop, inputs),
    loops: update,
    arrays: update,
    close: () => workshop.close(),
  };
}

/** Rows of a matrix are images of one pixel. */
const PIXELS = { height: 1, width: 1, kernel: 1, stride: 1, pad: 0 };

function conv2d(
  workshop: Workshop,
  { x, w, stride, pad }: {
    readonly x: Tensor4D;
    readonly w: Tensor4D;
    readonly stride: number;
    readonly pad: number;
  },
): Tensor4D {
  const [images, height, width, inputs] = x.shape, [kernel, , , outputs] = w.shape;
  checkFits([height, width], { kernel, pad });
  const convolution = {
    name: "conv2d",
    groups: 1,
    images,
    height,
    width,
    kernel,
    stride,
    pad,
    inputs,
    outputs,
  };
  const shape = [images, outputSize(height, convolution), outputSize(width, convolution), outputs];
  const shapes = { inputs: [x.shape, [kernel, kernel, inputs, outputs]], shape };
  return apply<Tensor4D>(convolutionOperation(workshop, convolution, shapes), [x, w]);
}

function tensorsOf({ weights, biases, gammas, betas }: PathwayParams): readonly Tensor[] {
  return [...weights, ...biases, ...gammas, ...betas];
}
