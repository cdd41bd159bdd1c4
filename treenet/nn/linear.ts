/**
 * Fully connected layers: one, or m disconnected ones in one tensor.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Init, Ops, ParameterSpec, Params } from "./types.ts";

/** Sizes of a linear layer. */
export interface LinearOptions {
  readonly inputs: number;
  readonly outputs: number;
  /** m disconnected layers; absent for a single one without the leaf axis. */
  readonly groups?: number;
  /** @default uniform ±1/√inputs, PyTorch's own */
  readonly weight?: Init;
  /** @default uniform ±1/√inputs, PyTorch's own */
  readonly bias?: Init;
}

/** `<name>.weight` [in, out] and `<name>.bias` [out], each with a leading [m] where grouped. */
export function linearSpecs(name: string, options: LinearOptions): readonly ParameterSpec[] {
  const { inputs, outputs, groups } = options;
  const standard: Init = { type: "uniform", bound: 1 / Math.sqrt(inputs) };
  const leading = groups === undefined ? [] : [groups];
  return [
    {
      name: `${name}.weight`,
      shape: [...leading, inputs, outputs],
      layout: groups === undefined ? "linear" : "grouped-linear",
      groups,
      init: options.weight ?? standard,
      decay: true,
    },
    {
      name: `${name}.bias`,
      shape: [...leading, outputs],
      layout: "plain",
      groups,
      init: options.bias ?? standard,
      decay: false,
    },
  ];
}

/** x [N, in] → [N, out]. */
export function linear(
  x: tf.Tensor2D,
  name: string,
  { params, ops }: { readonly params: Params; readonly ops: Ops },
): tf.Tensor2D {
  const product = ops.matMul(x, params[`${name}.weight`] as tf.Tensor2D);
  return tf.add(product, params[`${name}.bias`]);
}
