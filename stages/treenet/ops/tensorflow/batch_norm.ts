/**
 * What ResNet's layers do between convolutions, as TensorFlow's own operations: one or two there, and as many back.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { BatchNormalised } from "../../types.ts";
import { apply, applyMany } from "./differentiable.ts";
import type { Eager } from "./eager.ts";

/** x [N, H, W, C], γ and β [C]; ReLU after it if asked for. */
export function batchNorm(
  eager: Eager,
  { x, gamma, beta, epsilon, relu }: {
    readonly x: tf.Tensor4D;
    readonly gamma: tf.Tensor;
    readonly beta: tf.Tensor;
    readonly epsilon: number;
    readonly relu: boolean;
  },
): BatchNormalised {
  const [y, mean, variance] = applyMany([x, gamma, beta], {
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

/** max(a + b, 0), which remembers its output alone. */
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
