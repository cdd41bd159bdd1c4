/**
 * Operations between ResNet's convolutions: batch normalisation, addition and ReLU.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { BatchNormalised } from "../../nn/types.ts";
import { apply } from "./custom_gradients.ts";
import type { Eager } from "./eager.ts";

/** Activations and the parameters of their normalisation. */
interface Inputs {
  /** [N, H, W, C] */
  readonly x: tf.Tensor4D;
  /** [C] */
  readonly gamma: tf.Tensor;
  /** [C] */
  readonly beta: tf.Tensor;
  readonly epsilon: number;
  /** Apply max(·, 0) to the output. */
  readonly relu: boolean;
}

/**
 * Batch normalisation with our own operations (`batch_norm.cc`): two passes over the activations forwards and
 * two backwards, ReLU included.
 */
export function ownBatchNorm(eager: Eager, { x, gamma, beta, epsilon, relu }: Inputs): BatchNormalised {
  const [y, mean, variance] = apply<tf.Tensor[]>([x, gamma, beta], {
    forward(save) {
      const name = relu ? "TreenetNormaliseRelu" : "TreenetNormalise";
      const [y, mean, variance, inverse] = eager.own(name, [x, gamma, beta], { epsilon });
      save([x, gamma, mean, inverse, ...relu ? [y] : []]);
      return [y, mean, variance];
    },
    backward(dy, [x, gamma, mean, inverse, y = x]) {
      const name = relu ? "TreenetNormaliseReluBack" : "TreenetNormaliseBack";
      const gradients = eager.own(name, [dy, x, y, gamma, mean, inverse], { epsilon });
      tf.dispose([dy, x, gamma, mean, inverse, ...relu ? [y] : []]);
      return gradients.map((gradient) => () => gradient);
    },
  });
  return { y: y as tf.Tensor4D, mean, variance };
}

/** Batch normalisation with TensorFlow's own operations. */
export function batchNorm(eager: Eager, { x, gamma, beta, epsilon, relu }: Inputs): BatchNormalised {
  const [y, mean, variance] = apply<tf.Tensor[]>([x, gamma, beta], {
    forward(save) {
      const { outputs: [scaled, mean, variance], reserved } = eager.batchNorm({ x, gamma, beta, epsilon });
      const y = relu ? eager.run("Relu", [scaled]) : scaled;
      save([x, gamma, y, ...reserved]);
      return [y, mean, variance];
    },
    backward(dy, [x, gamma, y, ...reserved]) {
      const passed = relu ? eager.run("ReluGrad", [dy, y]) : dy;
      const gradients = eager.batchNormBack({ dy: passed, x, gamma, reserved, epsilon });
      // TensorFlow.js would hold these until the whole backward pass is over.
      tf.dispose([dy, passed, x, gamma, y, ...reserved]);
      return gradients.map((gradient) => () => gradient);
    },
  });
  return { y: y as tf.Tensor4D, mean, variance };
}

/** max(a + b, 0), which keeps only its output for the backward pass. */
export function rectifiedSum(eager: Eager, a: tf.Tensor4D, b: tf.Tensor4D): tf.Tensor4D {
  return apply([a, b], {
    forward(save) {
      const y = eager.run("Relu", [eager.add(a, b)]) as tf.Tensor4D;
      save([y]);
      return y;
    },
    backward(dy, [y]) {
      const passed = eager.run("ReluGrad", [dy, y]);
      return [() => passed, () => tf.clone(passed)];
    },
  });
}
