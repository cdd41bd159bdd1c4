/**
 * Outputs of every layer of a frozen network between its pathways and its loss: those of the encoder in the order of a
 * pass, the embedding, and those of the head (`head.…`), whose last are what the loss compares.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { ENCODER, HEAD, type Network } from "./network.ts";
import { eachBatch, type FeatureOptions } from "./nn/features.ts";
import { upload, type Weights, within } from "./nn/parameters.ts";
import { tidy } from "./nn/tensors.ts";
import type { Ops, Params } from "./nn/types.ts";

/** A layer's name and its outputs for one image, in numbers. */
export interface Layer {
  readonly name: string;
  readonly size: number;
}

/** Name of the encoder's output among the layers. */
export const EMBEDDING = "embedding";

/** Layers of a network, found by passing one grey image through it. */
export function layersOf(network: Network, weights: Weights, { ops, size }: {
  readonly ops: Ops;
  /** Pixels on a side. */
  readonly size: number;
}): readonly Layer[] {
  return tf.tidy(() => {
    const params = upload(network.teacherSpecs, weights);
    const outputs = pass(network, params, { images: tf.zeros([1, size, size, 3]), ops });
    return Object.entries(outputs).map(([name, { shape }]) => ({ name, size: shape[1] }));
  });
}

/** Outputs of the given layers for n images [n, size, size, 3], sRGB bytes: name → [n, D], row-major. */
export async function encodeLayers(
  network: Network,
  weights: Weights,
  { images, layers, ...options }: FeatureOptions & {
    readonly images: Uint8Array;
    readonly layers: readonly Layer[];
  },
): Promise<Readonly<Record<string, Float32Array>>> {
  const count = images.length / (options.size * options.size * 3);
  const found = Object.fromEntries(layers.map(({ name, size }) => [name, new Float32Array(count * size)]));
  const params = upload(network.teacherSpecs, weights);
  try {
    await eachBatch(images, options, async (batch, from) => {
      const outputs = tidy(() => {
        const all = pass(network, params, { images: batch, ops: options.ops });
        return Object.fromEntries(layers.map(({ name }) => [name, all[name]]));
      });
      for (const { name, size } of layers) found[name].set(await outputs[name].data(), from * size);
      tf.dispose(Object.values(outputs));
    });
  } finally {
    tf.dispose(Object.values(params));
  }
  return found;
}

/** All layers in order; the caller's scope frees them. */
function pass(
  { encoder, objective }: Network,
  params: Params,
  { images, ops }: { readonly images: tf.Tensor4D; readonly ops: Ops },
): Readonly<Record<string, tf.Tensor2D>> {
  const inner: [string, tf.Tensor2D][] = [];
  const tap = (name: string, output: tf.Tensor2D) => void inner.push([name, tf.keep(tf.clone(output))]);
  const { embedding, leaves } = encoder.apply(within(params, ENCODER), images, { ops, training: false, tap });
  const head = objective.layers({ params: within(params, HEAD), embeddings: embedding, leaves }, ops);
  const ofHead = Object.entries(head).map(([name, output]) => [HEAD + name, output] as const);
  // Tapped outputs outlive the encoder's own scope, and are copied into the caller's.
  const own = inner.map(([name, output]) => {
    const copy = tf.clone(output);
    output.dispose();
    return [name, copy] as const;
  });
  return Object.fromEntries([...own, [EMBEDDING, embedding] as const, ...ofHead]);
}
