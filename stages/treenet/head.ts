/**
 * DINO's projection head (Caron et al., 2021, section 3.2): in → hidden → hidden → bottleneck with GELU between,
 * l2-normalised, then a linear layer without bias whose columns have unit length, one for each of K prototypes.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { linear, linearSpecs } from "./linear.ts";
import type { Init, Ops, ParameterSpec, Params } from "./types.ts";

/** Widths of the head. */
export interface HeadConfig {
  readonly hidden: number;
  readonly bottleneck: number;
  /** K. */
  readonly prototypes: number;
}

/** A head with its sizes fixed. Its outputs [N, K] are unit rows · prototypes: cosines, in [−1, 1]. */
export interface Head {
  readonly specs: readonly ParameterSpec[];
  /** K. */
  readonly size: number;
  /** x [N, D] → rows of unit length [N, bottleneck]. */
  rows(params: Params, x: tf.Tensor2D, ops: Ops): tf.Tensor2D;
  /** Weight normalisation (Salimans and Kingma, 2016): gain · v / ‖v‖, a column a prototype [bottleneck, K]. */
  prototypes(params: Params): tf.Tensor2D;
}

/** The last layer's direction, trained only once the first epoch is over. */
export const LAST_LAYER = "last_layer.weight_v";

const GAIN = "last_layer.weight_g";
const WEIGHT: Init = { type: "truncated-normal", std: 0.02 };
const BIAS: Init = { type: "constant", value: 0 };

/** @param size D, features of the embedding it projects */
export function buildHead(size: number, { hidden, bottleneck, prototypes }: HeadConfig): Head {
  const widths = [size, hidden, hidden, bottleneck];
  return {
    specs: [
      ...widths.slice(1).flatMap((outputs, i) =>
        linearSpecs(`mlp${i + 1}`, { inputs: widths[i], outputs, weight: WEIGHT, bias: BIAS })
      ),
      ...lastLayerSpecs(bottleneck, prototypes),
    ],
    size: prototypes,
    rows: (params, x, ops) => tf.tidy(() => project(params, x, ops)),
    prototypes: (params) => tf.tidy(() => normalised(params)),
  };
}

/** The last layer keeps PyTorch's own initial weights, uniform ±1/√bottleneck: only its columns' directions matter. */
function lastLayerSpecs(bottleneck: number, prototypes: number): readonly ParameterSpec[] {
  const init: Init = { type: "uniform", bound: 1 / Math.sqrt(bottleneck) };
  return [
    { name: LAST_LAYER, shape: [bottleneck, prototypes], layout: "linear", init, decay: true },
    {
      name: GAIN,
      shape: [prototypes],
      layout: "plain",
      init: { type: "constant", value: 1 },
      role: "fixed",
      decay: false,
    },
  ];
}

function project(params: Params, x: tf.Tensor2D, ops: Ops): tf.Tensor2D {
  const first = gelu(linear(x, "mlp1", { params, ops }));
  const second = gelu(linear(first, "mlp2", { params, ops }));
  const bottleneck = linear(second, "mlp3", { params, ops });
  return tf.mul(bottleneck, inverseLength(bottleneck, 1));
}

function normalised(params: Params): tf.Tensor2D {
  const direction = params[LAST_LAYER] as tf.Tensor2D;
  return tf.mul(direction, tf.mul(inverseLength(direction, 0), params[GAIN]));
}

/** 1 / max(‖x‖, 1e-12), but smooth at zero. */
function inverseLength(x: tf.Tensor2D, axis: number): tf.Tensor2D {
  return tf.rsqrt(tf.add(tf.sum(tf.square(x), axis, true), 1e-24));
}

/** The exact Gaussian error linear unit (Hendrycks and Gimpel, 2016): x · Φ(x). */
function gelu(x: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
}
