/**
 * Normalisation's γ and β, taken over by the convolution after it.
 *
 *     w ∗ (γ x̂ + β) + b = w' ∗ x̂ + b',   w' = w γ,   b' = b + Σ w β
 *
 * exactly, because nothing pads these convolutions; so no pass over the activations is spent on γ and β. TensorFlow.js
 * differentiates this itself.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { PathwayParams, PathwaySpec } from "../../types.ts";

/** Of each convolution, for inputs that are normalised only. */
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

/** All in one tensor, so that one backward pass gives one gradient. */
export function pack({ weights, biases }: Folded): tf.Tensor1D {
  return tf.concat([...weights, ...biases].map((one): tf.Tensor1D => tf.reshape(one, [-1])));
}

/** The other way round. */
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
