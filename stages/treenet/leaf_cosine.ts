/**
 * How alike the leaves are: the mean cosine similarity between different leaves' outputs for one image. As a penalty
 * (`train.leafCosine`, the released code's `cos_loss`) it asks the leaves to differ.
 *
 *     u_j = z_j / ‖z_j‖
 *     c = Σ_{i≠j} u_i · u_j / (m (m − 1)) = (‖Σ_j u_j‖² − Σ_j ‖u_j‖²) / (m (m − 1)),   −1/(m − 1) ≤ c ≤ 1
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** Σ over rows of c, from leaves [R, m, D], m ≥ 2; differentiable. */
export function leafCosines(leaves: tf.Tensor3D): tf.Scalar {
  const [, m] = leaves.shape;
  const unit = tf.mul(leaves, tf.rsqrt(tf.add(tf.sum(tf.square(leaves), 2, true), 1e-24)));
  const together = tf.sum(tf.square(tf.sum(unit, 1)));
  const alone = tf.sum(tf.square(unit));
  return tf.div(tf.sub(together, alone), m * (m - 1));
}
