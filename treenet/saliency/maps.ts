/**
 * Saliency maps (Simonyan, Vedaldi and Zisserman 2014) of single leaves, as in the paper's Figures 3 and 4:
 * the gradient of a sum of outputs with respect to the pixels, through one leaf only while the others
 * keep their values; absolute value, maximum over colour channels. The outputs are the embedding's, or, as released, those of
 * the head on it.
 *
 * The chain rule splits at the pathways' output. ∂(Σ outputs)/∂pooled is one pass through the join and head at the
 * values of all leaves; through leaf j alone it gives map j, so one backward pass yields all maps.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { tidy } from "../nn/tensors.ts";
import type { Encoder, Encoding, Ops, Params } from "../nn/types.ts";

/** A frozen network. */
export interface Network {
  readonly encoder: Encoder;
  readonly params: Params;
  readonly ops: Ops;
  /** Outputs [N, K] of a head on embeddings [N, D], differentiable; absent where the maps are of the embedding. */
  readonly outputs?: (embedding: tf.Tensor2D) => tf.Tensor2D;
}

/**
 * Maps [N, m, H, W], row-major, of images [N, H, W, 3]; m is 1 for single-path nets. The unit is that of the
 * outputs per unit of a normalised pixel. Pure: no call affects another.
 */
export function saliencyMaps(network: Network, images: tf.Tensor4D): Float32Array {
  return largestOverChannels(pixelGradients(network, images));
}

/** Gradients [N, m, H, W, 3] → maps [N, m, H, W]. */
export function largestOverChannels(gradients: ArrayLike<number>): Float32Array {
  return Float32Array.from({ length: gradients.length / 3 }, (_, i) =>
    Math.max(
      Math.abs(gradients[3 * i]),
      Math.abs(gradients[3 * i + 1]),
      Math.abs(gradients[3 * i + 2]),
    ));
}

/**
 * Pooled channels [N, m, C] of the images, which the other leaves keep while one leaf is differentiated. The
 * caller disposes of them; undefined for a net without pathways, which has no leaves.
 */
export function keptChannels(
  { encoder, params, ops }: Network,
  images: tf.Tensor4D,
): tf.Tensor3D | undefined {
  const { pathways } = encoder;
  return pathways && ops.pathways(images, pathways.params(params), pathways.spec);
}

/**
 * Gradients [N, m, H, W, 3], row-major, at images [N, H, W, 3]. Entry (·, j) is the gradient of z ↦ Σ
 * outputs where leaf j sees z and the other leaves keep the channels `kept`, or the images'.
 */
export function pixelGradients(network: Network, images: tf.Tensor4D, kept?: tf.Tensor3D): Float32Array {
  const { encoder: { pathways }, params, ops } = network;
  if (pathways === undefined) {
    return tf.tidy(() => tf.grad((x) => totals(network, x as tf.Tensor4D))(images).dataSync<"float32">());
  }
  const weights = pathways.params(params);
  const { gradient } = tidy(() => {
    const pooled = ops.pathways(images, weights, pathways.spec);
    const joined = (x: tf.Tensor) => joinedTotals(network, x as tf.Tensor3D);
    if (kept === undefined) return { gradient: tf.grad(joined)(pooled) as tf.Tensor3D };
    const mixed = eachLeafAlone(pooled, kept);
    return { gradient: ownEntries(tf.grad(joined)(mixed) as tf.Tensor3D, pooled.shape) };
  });
  try {
    return ops.pathwayGradients(images, weights, pathways.spec, gradient);
  } finally {
    gradient.dispose();
  }
}

/** Σ outputs [m, N] where leaf j sees `images` and the other leaves keep the channels `kept`. */
export function leafTotals(network: Network, images: tf.Tensor4D, kept?: tf.Tensor3D): Float32Array {
  const { encoder: { pathways }, params, ops } = network;
  return tf.tidy(() => {
    if (pathways === undefined) return totals(network, images).dataSync<"float32">();
    const pooled = ops.pathways(images, pathways.params(params), pathways.spec);
    return joinedTotals(network, eachLeafAlone(pooled, kept ?? pooled)).dataSync<"float32">();
  });
}

/** Σ outputs of each image, [N]. */
function totals(network: Network, images: tf.Tensor4D): tf.Tensor1D {
  const { encoder, params, ops } = network;
  return outputTotals(network, encoder.apply(params, images, { ops, training: false }));
}

/** Σ outputs of each row of pooled channels, [N]. */
function joinedTotals(network: Network, pooled: tf.Tensor3D): tf.Tensor1D {
  const { encoder, params, ops } = network;
  return outputTotals(network, encoder.pathways!.finish(params, pooled, { ops, training: false }));
}

function outputTotals({ outputs }: Network, { embedding }: Encoding): tf.Tensor1D {
  return tf.sum(outputs?.(embedding) ?? embedding, 1);
}

/** Channels [m · N, m, C]: in block j, leaf j has its row of `own` [N, m, C], the others theirs of `kept`. */
function eachLeafAlone(own: tf.Tensor3D, kept: tf.Tensor3D): tf.Tensor3D {
  const leaves = own.shape[1];
  return tf.concat(Array.from({ length: leaves }, (_, leaf) => {
    const only = tf.tensor3d(Array.from({ length: leaves }, (_, i) => i === leaf ? 1 : 0), [1, leaves, 1]);
    return tf.add(tf.mul(own, only), tf.mul(kept, tf.sub(1, only))) as tf.Tensor3D;
  }));
}

/** Entries of leaf j in block j of [m · N, m, C]: [N, m, C]. */
function ownEntries(
  mixed: tf.Tensor3D,
  [count, leaves, channels]: readonly [number, number, number],
): tf.Tensor3D {
  return tf.concat(
    Array.from(
      { length: leaves },
      (_, leaf) => tf.slice(mixed, [leaf * count, leaf, 0], [count, 1, channels]),
    ),
    1,
  );
}
