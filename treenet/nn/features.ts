/**
 * Features of images by a frozen encoder: unaugmented, in eval mode, in batches.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type Crop, type Pixels, viewTensor } from "./views.ts";
import { upload, type Weights } from "./parameters.ts";
import { tidy } from "./tensors.ts";
import type { Encoder, Encoding, Ops, Params } from "./types.ts";

/** Features of n images, row-major. */
export interface Features {
  /** [n, D] */
  readonly embeddings: Float32Array;
  /** [n, m, D'], of trees with more than one leaf. */
  readonly leaves?: Float32Array;
  /** D' */
  readonly leafSize?: number;
}

export interface FeatureOptions {
  readonly ops: Ops;
  /** Images at once. */
  readonly batch: number;
  /** Pixels on a side. */
  readonly size: number;
  /** @default "normalised" */
  readonly pixels?: Pixels;
  readonly signal?: AbortSignal;
  /** Called after each batch with the images done so far. */
  readonly progress?: (done: number) => void;
}

/** Encodes images [n, size, size, 3], sRGB bytes. */
export async function encode(
  encoder: Encoder,
  weights: Weights,
  { images, ...options }: FeatureOptions & { readonly images: Uint8Array },
): Promise<Features> {
  const count = imagesIn(images, options);
  const embeddings = new Float32Array(count * encoder.size);
  let leaves: { readonly values: Float32Array; readonly size: number } | undefined;
  await withParams(encoder, weights, (params) =>
    eachBatch(images, options, async (batch, from) => {
      const encoding = tidy((): Encoding =>
        encoder.apply(params, batch, { ops: options.ops, training: false })
      );
      embeddings.set(await encoding.embedding.data(), from * encoder.size);
      if (encoding.leaves !== undefined && encoder.leaves > 1) {
        const size = encoding.leaves.shape[2];
        leaves ??= { values: new Float32Array(count * encoder.leaves * size), size };
        leaves.values.set(await encoding.leaves.data(), from * encoder.leaves * size);
      }
      tf.dispose([encoding.embedding, ...encoding.leaves === undefined ? [] : [encoding.leaves]]);
    }));
  return { embeddings, leaves: leaves?.values, leafSize: leaves?.size };
}

/**
 * Weights with running statistics that are the plain averages over batches of these images; unchanged weights
 * where a model has no running statistics. For encoders that were never trained, whose running statistics
 * come from no data.
 */
export async function calibrate(
  encoder: Encoder,
  weights: Weights,
  { images, ...options }: FeatureOptions & { readonly images: Uint8Array },
): Promise<Weights> {
  let calibrated = weights;
  if (!encoder.specs.some((spec) => spec.role === "buffer")) return calibrated;
  let batches = 0;
  await eachBatch(images, options, async (batch) => {
    const momentum = 1 / ++batches;
    await withParams(encoder, calibrated, async (params) => {
      const { embedding, buffers = {} } = tidy(() =>
        encoder.apply(params, batch, { ops: options.ops, training: true, momentum })
      );
      calibrated = { ...calibrated, ...await readAll(buffers) };
      tf.dispose([embedding, ...Object.values(buffers)]);
    });
  });
  return calibrated;
}

async function withParams(
  encoder: Encoder,
  weights: Weights,
  use: (params: Params) => Promise<void>,
): Promise<void> {
  const params = upload(encoder.specs, weights);
  try {
    await use(params);
  } finally {
    tf.dispose(Object.values(params));
  }
}

/** Calls `use` with one batch of images after the other, `from` the first of each. */
export async function eachBatch(
  images: Uint8Array,
  options: FeatureOptions,
  use: (batch: tf.Tensor4D, from: number) => Promise<void>,
): Promise<void> {
  const crop: Crop = { count: 1, size: options.size };
  const count = imagesIn(images, options);
  for (let from = 0; from < count; from += options.batch) {
    options.signal?.throwIfAborted();
    const to = Math.min(from + options.batch, count);
    const batch = viewTensor(images, { ...crop, from, to, pixels: options.pixels });
    await use(batch, from);
    batch.dispose();
    options.progress?.(to);
    await new Promise((resolve) => setTimeout(resolve, 0)); // lets an abort in
  }
}

async function readAll(params: Params): Promise<Weights> {
  const entries = Object.entries(params);
  return Object.fromEntries(
    await Promise.all(entries.map(async ([name, tensor]) => [name, new Float32Array(await tensor.data())])),
  );
}

function imagesIn(images: Uint8Array, { size }: FeatureOptions): number {
  return images.length / (size * size * 3);
}
