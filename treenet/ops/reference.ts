/**
 * The reference for {@linkcode Ops}, composed from TensorFlow.js operations and differentiated by
 * TensorFlow.js: slow and plain. The `cpu` backend uses it, and faster strategies are tested against it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Ops, PathwayParams, PathwaySpec } from "../nn/types.ts";
import { checkFits } from "./geometry.ts";

const EPSILON = 1e-5; // of GroupNorm, as in PyTorch

/**
 * Returns the reference operations.
 *
 * @param name of the backend that computes: `cpu`. It needs the gradients of conv2d, matMul, mean, relu.
 */
export function stockOps(name: string): Ops {
  return {
    name,
    pathways: (images, params, spec) =>
      tf.tidy(() => {
        const leaves = Array.from({ length: spec.leaves }, (_, leaf) =>
          pathway(images, params, { spec, leaf }));
        return stack(leaves);
      }),
    pathwayGradients: (images, params, spec, gradient) =>
      pathwayGradients(images, params, { spec, gradient }),
    groupedLinear: (x, w, b) =>
      tf.tidy(() => {
        const each = Array.from({ length: w.shape[0] }, (_, leaf) => {
          const product = tf.matMul(pick<tf.Tensor2D>(x, { axis: 1, leaf }), pick<tf.Tensor2D>(w, { leaf }));
          return tf.add<tf.Tensor2D>(product, pick(b, { leaf }));
        });
        return stack(each);
      }),
    matMul: (x, w) => tf.matMul(x, w),
    conv2d: convolve,
    close: () => {},
  };
}

/** One leaf: images [N, H, W, 3] → [N, C]. */
function pathway(
  images: tf.Tensor4D,
  params: PathwayParams,
  { spec, leaf }: {
    readonly spec: PathwaySpec;
    readonly leaf: number;
  },
): tf.Tensor2D {
  const of = <T extends tf.Tensor>(grouped: tf.Tensor): T => pick<T>(grouped, { leaf });
  let x = images;
  for (const [layer, stride] of spec.strides.entries()) {
    if (layer > 0) x = groupNorm(x, of(params.gammas[layer - 1]), of(params.betas[layer - 1]));
    const w = of<tf.Tensor4D>(params.weights[layer]);
    x = tf.relu(tf.add(convolve(x, w, { stride, pad: 0 }), of<tf.Tensor1D>(params.biases[layer])));
  }
  return tf.mean(x, [1, 2]);
}

/** GroupNorm with one group (Wu and He, 2018): (x − mean) / √(variance + ε) · γ + β over H, W and C. */
function groupNorm(x: tf.Tensor4D, gamma: tf.Tensor1D, beta: tf.Tensor1D): tf.Tensor4D {
  const { mean, variance } = tf.moments(x, [1, 2, 3], true);
  const normalised = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, EPSILON)));
  return tf.add(tf.mul(normalised, gamma), beta);
}

function pathwayGradients(
  images: tf.Tensor4D,
  params: PathwayParams,
  { spec, gradient }: {
    readonly spec: PathwaySpec;
    readonly gradient: tf.Tensor3D;
  },
): Float32Array {
  return tf.tidy(() => {
    const dys = tf.unstack(gradient, 1) as tf.Tensor2D[];
    const perLeaf = dys.map((dy, leaf) =>
      tf.grad((x) => pathway(x as tf.Tensor4D, params, { spec, leaf }))(images, dy)
    );
    return tf.stack(perLeaf, 1).dataSync() as Float32Array;
  });
}

function convolve(
  x: tf.Tensor4D,
  w: tf.Tensor4D,
  options: { readonly stride: number; readonly pad: number },
): tf.Tensor4D {
  checkFits([x.shape[1], x.shape[2]], { kernel: w.shape[0], pad: options.pad });
  return tf.conv2d(x, w, options.stride, options.pad, "NHWC", 1, "floor");
}

/** Takes one leaf's part. `tf.unstack` would not do: its gradient fails when there is one leaf. */
function pick<T extends tf.Tensor>(
  grouped: tf.Tensor,
  { axis = 0, leaf }: { readonly axis?: number; readonly leaf: number },
): T {
  const begin = grouped.shape.map((_, i) => i === axis ? leaf : 0);
  const size = grouped.shape.map((length, i) => i === axis ? 1 : length);
  return tf.squeeze(tf.slice(grouped, begin, size), [axis]) as unknown as T;
}

/** Stacks m × [N, C] → [N, m, C]. `tf.stack` would not do: it has no gradient. */
function stack(tensors: readonly tf.Tensor2D[]): tf.Tensor3D {
  return tf.concat(tensors.map((tensor) => tf.expandDims<tf.Tensor3D>(tensor, 1)), 1);
}
