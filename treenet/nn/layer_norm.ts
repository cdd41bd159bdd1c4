/**
 * Layer normalisation (Ba, Kiros and Hinton, 2016): (x − mean) / √(variance + 1e-5) · γ + β over the last axis.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ParameterSpec, Params } from "./types.ts";

const EPSILON = 1e-5; // PyTorch's

/** `<name>.weight` γ = 1 and `<name>.bias` β = 0, of `shape` [C] or, one for each of m leaves, [m, C]. */
export function layerNormSpecs(name: string, shape: readonly number[]): readonly ParameterSpec[] {
  const common = {
    shape,
    layout: "plain",
    groups: shape.length > 1 ? shape[0] : undefined,
    decay: false,
  } as const;
  return [
    { ...common, name: `${name}.weight`, init: { type: "constant", value: 1 } },
    { ...common, name: `${name}.bias`, init: { type: "constant", value: 0 } },
  ];
}

/** x [N, C] or [N, m, C] → same. */
export function layerNorm<T extends tf.Tensor>(x: T, name: string, params: Params): T {
  const { mean, variance } = tf.moments(x, -1, true);
  const normalised = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, EPSILON)));
  return tf.add(tf.mul(normalised, params[`${name}.weight`]), params[`${name}.bias`]) as T;
}
