/**
 * Ours: embeddings and head outputs of drawn images under drawn weights.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { ENCODER, HEAD } from "../../treenet/network.ts";
import { upload, type Weights, within } from "../../treenet/nn/parameters.ts";
import { viewTensor } from "../../treenet/nn/views.ts";
import type { Ops } from "../../treenet/nn/types.ts";
import { type Case, drawnImages, drawnWeights } from "./drawn_networks.ts";

export interface Forward {
  readonly weights: Weights;
  /** sRGB [n, size, size, 3] */
  readonly images: Uint8Array;
  readonly size: number;
  /** [n, D] */
  readonly embedding: Float32Array;
  /** [n, K], of each head in turn */
  readonly outputs: Float32Array;
}

/** Outputs in eval mode: with running statistics where a model has any. */
export function forwardOf(
  { network, parts }: Case,
  { ops, images: count, size = 32 }: { readonly ops: Ops; readonly images: number; readonly size?: number },
): Forward {
  const weights = drawnWeights(network.specs, 1);
  const images = drawnImages(count, 2, size);
  const [embedding, outputs] = tf.tidy(() => {
    const params = upload(network.specs, weights);
    const batch = viewTensor(images, { count: 1, size, from: 0, to: count });
    const encoding = network.encoder.apply(within(params, ENCODER), batch, { ops, training: false });
    const outputs = parts.map(({ prefix, head, features }) => {
      const own = within(params, HEAD + prefix);
      return ops.matMul(head.rows(own, features(encoding), ops), head.prototypes(own));
    });
    return [encoding.embedding, tf.concat(outputs, 0)].map((tensor) => new Float32Array(tensor.dataSync()));
  });
  return { weights, images, size, embedding, outputs };
}
