/**
 * The pairs of views that a method's loss averages over, and the penalty on leaves that are alike (`train.leafCosine`, the
 * released code's `cos_loss`): the mean cosine similarity between different leaves' outputs for one image.
 *
 *     u_j = z_j / ‖z_j‖
 *     c = Σ_{i≠j} u_i · u_j / (m (m − 1)) = (‖Σ_j u_j‖² − Σ_j ‖u_j‖²) / (m (m − 1)),   −1/(m − 1) ≤ c ≤ 1
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** Numbers of views of an image. */
export interface ViewCounts {
  /** G: the teacher's views, which are also the first of the student's. */
  readonly globals: number;
  /** L: views that only the student sees. */
  readonly locals: number;
}

/** Pairs of different views, a teacher's and a student's, that a loss averages over for one image. */
export function pairs({ globals, locals }: ViewCounts): number {
  return globals * (globals + locals - 1);
}

/** Σ over rows of c, from leaves [R, m, D], m ≥ 2; differentiable. */
export function leafCosines(leaves: tf.Tensor3D): tf.Scalar {
  const [, m] = leaves.shape;
  const unit = tf.mul(leaves, tf.rsqrt(tf.add(tf.sum(tf.square(leaves), 2, true), 1e-24)));
  const together = tf.sum(tf.square(tf.sum(unit, 1)));
  const alone = tf.sum(tf.square(unit));
  return tf.div(tf.sub(together, alone), m * (m - 1));
}

/**
 * Loss of a batch with `weight` times the leaves' mean cosine, as sums over images and pairs. The cosines are
 * summed over all views of an image.
 */
export function penalised(
  loss: tf.Scalar,
  cosines: tf.Scalar | undefined,
  { weight, counts }: { readonly weight: number; readonly counts: ViewCounts },
): tf.Scalar {
  if (weight === 0 || cosines === undefined) return loss;
  return tf.add(loss, tf.mul(cosines, weight * pairs(counts) / (counts.globals + counts.locals)));
}
