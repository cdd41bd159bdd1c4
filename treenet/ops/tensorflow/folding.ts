/**
 * Folding of a normalisation's γ and β into the convolution that follows it.
 *
 *     w ∗ (γ x̂ + β) + b = w' ∗ x̂ + b',   w' = w γ,   b' = b + Σ w β
 *
 * This is exact, because nothing pads these convolutions, and saves the pass over the activations that γ and
 * β would take. TensorFlow.js differentiates it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { PathwayParams, PathwaySpec } from "../../nn/types.ts";

/** Weights and biases of each convolution, for inputs that are only normalised. */
export interface Folded {
  /** [m, k, k, in, out] */
  readonly weights: readonly tf.Tensor[];
  /** [m, out] */
  readonly biases: readonly tf.Tensor[];
}

/** w' and b' of every layer. */
export function fold({ weights, biases, gammas, betas }: PathwayParams): Folded {
  const perInput = (x: tf.Tensor) => tf.reshape(x, [x.shape[0], 1, 1, x.shape[1]!, 1]);
  return {
    weights: weights.map((w, layer) => layer === 0 ? w : tf.mul(w, perInput(gammas[layer - 1]))),
    biases: biases.map((b, layer) =>
      layer === 0 ? b : tf.add(b, tf.sum(tf.mul(weights[layer], perInput(betas[layer - 1])), [1, 2, 3]))
    ),
  };
}

/** Joins all tensors into one, so that one backward pass gives one gradient. */
export function pack({ weights, biases }: Folded): tf.Tensor1D {
  return tf.concat([...weights, ...biases].map((one): tf.Tensor1D => tf.reshape(one, [-1])));
}

/** Inverse of {@linkcode pack}. */
export function unpack(packed: tf.Tensor1D, { leaves, channels, kernel }: PathwaySpec): Folded {
  const weights = channels.map((
    outputs,
    layer,
  ) => [leaves, kernel, kernel, channels[layer - 1] ?? 3, outputs]);
  const biases = channels.map((outputs) => [leaves, outputs]), shapes = [...weights, ...biases];
  const parts = tf.split(packed, shapes.map((shape) => shape.reduce((a, b) => a * b)));
  const all = parts.map((part, i) => tf.reshape(part, shapes[i]));
  return { weights: all.slice(0, channels.length), biases: all.slice(channels.length) };
}
