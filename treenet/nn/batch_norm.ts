/**
 * Batch normalisation (Ioffe and Szegedy, 2015) over N, H and W, with PyTorch's conventions: ε 1e-5, batch variance
 * biased where it normalises and unbiased where it enters the running one, momentum 0.1.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { tidy } from "./tensors.ts";
import type { BatchNormalised, ParameterSpec, Params, Pass } from "./types.ts";

const EPSILON = 1e-5;
const MOMENTUM = 0.1;

/** Normalised activations and, in training, the running statistics after this batch. */
export interface Normalised {
  readonly y: tf.Tensor4D;
  readonly buffers: Params;
}

interface Moments {
  /** [1, C] */
  readonly mean: tf.Tensor2D;
  /** [1, C], biased. */
  readonly variance: tf.Tensor2D;
}

/** `<name>.weight` γ, `<name>.bias` β and the buffers `<name>.running_mean` and `<name>.running_var`, all [C]. */
export function batchNormSpecs(name: string, channels: number): readonly ParameterSpec[] {
  const of = (suffix: string, value: number): ParameterSpec => ({
    name: `${name}.${suffix}`,
    shape: [channels],
    layout: "plain",
    init: { type: "constant", value },
    role: suffix.startsWith("running") ? "buffer" : "trained",
    decay: false,
  });
  return [of("weight", 1), of("bias", 0), of("running_mean", 0), of("running_var", 1)];
}

/** x [N, H, W, C] → same; `relu`: max(·, 0) of it, in one operation with less to remember for the gradient. */
export function batchNorm(
  x: tf.Tensor4D,
  name: string,
  { params, pass, relu }: { readonly params: Params; readonly pass: Pass; readonly relu: boolean },
): Normalised {
  const [gamma, beta] = [params[`${name}.weight`], params[`${name}.bias`]];
  if (!pass.training) {
    const scale = tf.mul(gamma, tf.rsqrt(tf.add(params[`${name}.running_var`], EPSILON)));
    const shift = tf.sub(beta, tf.mul(params[`${name}.running_mean`], scale));
    const y = tf.add(tf.mul(x, scale), shift) as tf.Tensor4D;
    return { y: relu ? tf.relu(y) : y, buffers: {} };
  }
  const { y, mean, variance } = pass.ops.batchNorm?.({ x, gamma, beta, epsilon: EPSILON, relu }) ??
    composed(x, { gamma, beta, relu });
  return { y, buffers: running(name, { params, mean, variance, pass }) };
}

function composed(
  x: tf.Tensor4D,
  { gamma, beta, relu }: { readonly gamma: tf.Tensor; readonly beta: tf.Tensor; readonly relu: boolean },
): BatchNormalised {
  const flat = rowsOf(x), [count] = flat.shape;
  const moments = momentsOf(flat);
  const y = normalise(moments, relu)(x, gamma, beta) as tf.Tensor4D;
  return { y, mean: moments.mean, variance: tf.mul(moments.variance, count / Math.max(count - 1, 1)) };
}

/** [N, H, W, C] → [N·H·W, C] */
function rowsOf(x: tf.Tensor): tf.Tensor2D {
  return tf.reshape(x, [-1, x.shape[x.shape.length - 1]]);
}

/** No gradient: {@linkcode normalise} carries the statistics' part of it. */
function momentsOf(x: tf.Tensor2D): Moments {
  const mean = channelMean(x);
  return { mean, variance: channelMean(tf.square(tf.sub(x, mean))) };
}

/**
 * x̂ = (x − mean) / √(variance + ε), y = γ x̂ + β, with the gradient in closed form: composed from stock operations it
 * takes several times as long and as much memory.
 */
function normalise(
  { mean, variance }: Moments,
  relu: boolean,
): (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) => tf.Tensor {
  return tf.customGrad((...inputs) => {
    const [x, gamma, beta, save] = inputs as unknown as [
      tf.Tensor4D,
      tf.Tensor1D,
      tf.Tensor1D,
      (tensors: tf.Tensor[]) => void,
    ];
    const inverse = tf.rsqrt(tf.add(variance, EPSILON));
    const normalised = tf.mul(tf.sub(rowsOf(x), mean), inverse);
    const scaled = tf.reshape(tf.add(tf.mul(normalised, gamma), beta), x.shape);
    const value = relu ? tf.relu(scaled) : scaled;
    save([normalised, tf.mul(inverse, gamma), ...relu ? [value] : []]);
    return { value, gradFunc: backward };
  });
}

/** dx = γ/σ · (dy − mean(dy) − x̂ · mean(dy ⊙ x̂)); dγ = Σ dy ⊙ x̂; dβ = Σ dy; dy only where y > 0, after a ReLU. */
function backward(dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] {
  const gradients = tidy(() => {
    const [normalised, scale, rectified] = saved;
    const passed = rowsOf(rectified === undefined ? dy : tf.mul(dy, tf.step(rectified)));
    const meanDy = channelMean(passed);
    const meanProduct = channelMean(tf.mul(passed, normalised));
    const dx = tf.mul(scale, tf.sub(tf.sub(passed, meanDy), tf.mul(normalised, meanProduct)));
    const total = (mean: tf.Tensor) => tf.reshape(tf.mul(mean, passed.shape[0]), [mean.shape[1]!]);
    return [tf.reshape(dx, dy.shape), total(meanProduct), total(meanDy)];
  });
  // TensorFlow.js would hold these until the whole backward pass is over; they are not needed after this.
  tf.dispose([dy, ...saved]);
  return gradients;
}

/** Mean over rows as a product with ones: reductions over a leading axis are slow in TensorFlow.js. */
function channelMean(x: tf.Tensor): tf.Tensor2D {
  const [count] = x.shape;
  return tf.div(tf.matMul(tf.ones([1, count]) as tf.Tensor2D, x as tf.Tensor2D), count);
}

function running(
  name: string,
  { params, mean, variance, pass }: Pick<BatchNormalised, "mean" | "variance"> & {
    readonly params: Params;
    readonly pass: Pass;
  },
): Params {
  const momentum = pass.momentum ?? MOMENTUM;
  const towards = (suffix: string, batch: tf.Tensor) => {
    const old = params[`${name}.${suffix}`];
    return tf.add(tf.mul(old, 1 - momentum), tf.mul(tf.reshape(batch, old.shape), momentum));
  };
  return {
    [`${name}.running_mean`]: towards("running_mean", mean),
    [`${name}.running_var`]: towards("running_var", variance),
  };
}
