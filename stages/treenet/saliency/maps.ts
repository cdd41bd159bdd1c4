/**
 * Saliency maps (Simonyan, Vedaldi and Zisserman 2014) of single leaves, as in the paper's Figures 3 and 4: the
 * gradient of the sum of the embedding with respect to the pixels, flowing through one leaf only while the others
 * keep their values; absolute value, maximum over colour channels.
 *
 * The chain splits at the pathways' output. ∂(Σ embedding)/∂pooled is one pass through the join at the values of all
 * leaves; carried through leaf j alone it gives map j, so one backward pass yields the maps of every leaf.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { tidy } from "../tidy.ts";
import type { Encoder, Ops, Params } from "../types.ts";

/** A frozen network. */
export interface Network {
  readonly encoder: Encoder;
  readonly params: Params;
  readonly ops: Ops;
}

/**
 * Maps [N, m, H, W], row-major, of images [N, H, W, 3]; m is 1 for single-path nets. In units of the embedding per
 * unit of a normalised pixel. Pure: no call affects another, whatever leaves are looked at.
 */
export function saliencyMaps(network: Network, images: tf.Tensor4D): Float32Array {
  const [n, height, width] = images.shape;
  return largestOverChannels(pixelGradients(network, images), n * network.encoder.leaves * height * width);
}

/** [N, m, H, W, 3] */
function pixelGradients({ encoder, params, ops }: Network, images: tf.Tensor4D): Float32Array {
  const pass = { ops, training: false };
  const { pathways } = encoder;
  if (pathways === undefined) {
    return tf.tidy(() => {
      const total = (x: tf.Tensor) => tf.sum(encoder.apply(params, x as tf.Tensor4D, pass).embedding);
      return tf.grad(total)(images).dataSync<"float32">();
    });
  }
  const weights = pathways.params(params);
  const { gradient } = tidy(() => {
    const pooled = ops.pathways(images, weights, pathways.spec);
    const total = (x: tf.Tensor) => tf.sum(pathways.finish(params, x as tf.Tensor3D, pass).embedding);
    return { gradient: tf.grad(total)(pooled) as tf.Tensor3D };
  });
  try {
    return ops.pathwayGradients(images, weights, pathways.spec, gradient);
  } finally {
    gradient.dispose();
  }
}

function largestOverChannels(gradients: Float32Array, pixels: number): Float32Array {
  return Float32Array.from({ length: pixels }, (_, i) =>
    Math.max(
      Math.abs(gradients[3 * i]),
      Math.abs(gradients[3 * i + 1]),
      Math.abs(gradients[3 * i + 2]),
    ));
}
