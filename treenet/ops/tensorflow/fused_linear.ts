/**
 * Matrix products, shared or one a leaf, with their gradients.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { apply } from "./custom_gradients.ts";
import type { Eager } from "./eager.ts";

/** x [N, K], w [K, D] → [N, D]. */
export function matMul(eager: Eager, x: tf.Tensor2D, w: tf.Tensor2D): tf.Tensor2D {
  return apply([x, w], {
    forward(save) {
      save([x, w]);
      return eager.matMul(x, w) as tf.Tensor2D;
    },
    backward: (dy, [x, w]) => [
      () => eager.matMul(dy, w, { b: true }),
      () => eager.matMul(x, dy, { a: true }),
    ],
  });
}

/** x [N, m, C], w [m, C, D], b [m, D] → [N, m, D]: a product a leaf, all in one operation. */
export function groupedLinear(eager: Eager, x: tf.Tensor3D, w: tf.Tensor3D, b: tf.Tensor2D): tf.Tensor3D {
  return apply([x, w, b], {
    forward(save) {
      const byLeaf = tf.transpose(x, [1, 0, 2]);
      save([byLeaf, w]);
      return tf.add(tf.transpose(eager.batchMatMul(byLeaf, w), [1, 0, 2]), b) as tf.Tensor3D;
    },
    backward(dy, [byLeaf, w]) {
      const dyByLeaf = tf.transpose(dy, [1, 0, 2]);
      return [
        () => tf.transpose(eager.batchMatMul(dyByLeaf, w, { b: true }), [1, 0, 2]),
        () => eager.batchMatMul(byLeaf, dyByLeaf, { a: true }),
        () => tf.sum(dy, 0),
      ];
    },
  });
}
