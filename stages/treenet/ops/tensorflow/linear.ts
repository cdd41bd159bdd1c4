/**
 * Convolutions and matrix products with TensorFlow's own gradients.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { apply } from "./differentiable.ts";
import type { Eager, Sliding } from "./eager.ts";
import { checkFits } from "./plan.ts";

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

/** x [N, H, W, C], w [k, k, C, O], zero padding `pad` on every side → [N, H', W', O]. */
export function conv2d(
  eager: Eager,
  { x, w, stride, pad }: {
    readonly x: tf.Tensor4D;
    readonly w: tf.Tensor4D;
    readonly stride: number;
    readonly pad: number;
  },
): tf.Tensor4D {
  const kernel = w.shape[0];
  checkFits([x.shape[1], x.shape[2]], { kernel, pad });
  // TensorFlow's fast kernels know no padding but its own two kinds; of these SAME is ours at stride 1.
  const same = stride === 1 && 2 * pad === kernel - 1;
  const sliding: Sliding = { stride, padding: same ? "SAME" : "VALID" };
  const margin = same ? 0 : pad;
  return apply([x, w], {
    forward(save) {
      const input = surround(x, margin);
      save([input, w]);
      return eager.conv2d(input, w, sliding) as tf.Tensor4D;
    },
    backward: (dy, [input, w]) => [
      () => inside(eager.conv2dInput(dy, w, { ...sliding, shape: input.shape }), margin),
      () => eager.conv2dWeights(input, dy, { ...sliding, shape: w.shape }),
    ],
  });
}

function surround(x: tf.Tensor4D, margin: number): tf.Tensor4D {
  return margin === 0 ? x : tf.pad(x, [[0, 0], [margin, margin], [margin, margin], [0, 0]]);
}

function inside(x: tf.Tensor, margin: number): tf.Tensor {
  if (margin === 0) return x;
  const [n, height, width, channels] = x.shape as [number, number, number, number];
  return tf.slice(x, [0, margin, margin, 0], [n, height - 2 * margin, width - 2 * margin, channels]);
}
