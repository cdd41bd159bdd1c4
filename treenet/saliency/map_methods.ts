/**
 * Two more methods for the influence of each pixel on a leaf, beside the plain gradient of
 * {@linkcode saliencyMaps}. Both take gradients of the same function, z ↦ Σ outputs where one leaf sees z
 * and the others keep seeing the image:
 *
 * - SmoothGrad (Smilkov, Thorat, Kim, Viégas and Wattenberg 2017): the mean gradient at the image plus normal
 *   noise;
 * - integrated gradients (Sundararajan, Taly and Yan 2017): (x − x′) ⊙ ∫₀¹ ∇F(x′ + α(x − x′)) dα, whose
 *   entries add up to F(x) − F(x′) (completeness), here by the midpoint rule from the mean colour, x′ = 0
 *   after normalisation.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { random } from "../random.ts";
import { keptChannels, leafTotals, type Network, pixelGradients } from "./maps.ts";

export interface SmoothGradOptions {
  readonly samples: number;
  /** Standard deviation of the noise, as a share of the image's range of values. @default 0.15 */
  readonly noise?: number;
  readonly seed: number;
}

/** Number of this random stream, so that no other draw repeats it. */
const STREAM = 0x5_00_78;

/** Mean gradients [N, m, H, W, 3] at `samples` noisy copies of images [N, H, W, 3]. */
export function smoothGradients(
  network: Network,
  images: tf.Tensor4D,
  { samples, noise = 0.15, seed }: SmoothGradOptions,
): Float64Array {
  const stream = random(seed, STREAM);
  const deviations = rangesOf(images).map((range) => noise * range);
  const size = images.size / images.shape[0];
  const kept = keptChannels(network, images);
  try {
    return meanOver(samples, () => {
      const values = Float32Array.from(
        images.dataSync<"float32">(),
        (value, i) => value + deviations[Math.floor(i / size)] * stream.normal(),
      );
      return gradientsAt(network, { values, shape: images.shape, kept });
    });
  } finally {
    kept?.dispose();
  }
}

export interface Integrated {
  /** Attributions [N, m, H, W, 3]. */
  readonly attributions: Float64Array;
  /** F(x) − F(x′), [N, m]. */
  readonly differences: Float64Array;
}

/** Integrated gradients of images [N, H, W, 3] in `steps` steps. */
export function integratedGradients(
  network: Network,
  images: tf.Tensor4D,
  { steps }: { readonly steps: number },
): Integrated {
  const x = images.dataSync<"float32">().slice();
  const kept = keptChannels(network, images);
  try {
    let step = 0;
    const mean = meanOver(steps, () => {
      const share = (step++ + 0.5) / steps;
      return gradientsAt(network, { values: x.map((value) => share * value), shape: images.shape, kept });
    });
    const size = x.length / images.shape[0];
    const leaves = mean.length / x.length;
    const attributions = mean.map((gradient, i) => {
      const image = Math.floor(i / (leaves * size));
      return gradient * x[image * size + i % size];
    });
    return { attributions, differences: differencesOf(network, images, kept) };
  } finally {
    kept?.dispose();
  }
}

/** Error |Σ attributions − difference| ÷ Σ |attributions| of each leaf, largest over images; 0 for 0 ÷ 0. */
export function completenessErrors({ attributions, differences }: Integrated, leaves: number): Float64Array {
  const size = attributions.length / differences.length;
  const errors = new Float64Array(leaves);
  for (let row = 0; row < differences.length; row++) {
    let [sum, absolute] = [0, 0];
    for (const value of attributions.subarray(row * size, (row + 1) * size)) {
      sum += value;
      absolute += Math.abs(value);
    }
    const error = absolute === 0 ? 0 : Math.abs(sum - differences[row]) / absolute;
    errors[row % leaves] = Math.max(errors[row % leaves], error);
  }
  return errors;
}

/** F(x) − F(0), [N, m]. */
function differencesOf(network: Network, images: tf.Tensor4D, kept?: tf.Tensor3D): Float64Array {
  const count = images.shape[0];
  const baseline = tf.zerosLike(images);
  try {
    const [there, here] = [images, baseline].map((z) => leafTotals(network, z, kept));
    const leaves = there.length / count;
    return Float64Array.from(there, (_, i) => {
      const at = (i % leaves) * count + Math.floor(i / leaves); // from [m, N]
      return there[at] - here[at];
    });
  } finally {
    baseline.dispose();
  }
}

function gradientsAt(
  network: Network,
  { values, shape, kept }: {
    readonly values: Float32Array;
    readonly shape: [number, number, number, number];
    readonly kept?: tf.Tensor3D;
  },
): Float32Array {
  const z = tf.tensor4d(values, shape);
  try {
    return pixelGradients(network, z, kept);
  } finally {
    z.dispose();
  }
}

function meanOver(count: number, draw: () => Float32Array): Float64Array {
  let mean = new Float64Array(0);
  for (let i = 0; i < count; i++) {
    const drawn = draw();
    if (i === 0) mean = new Float64Array(drawn.length);
    for (let at = 0; at < drawn.length; at++) mean[at] += drawn[at] / count;
  }
  return mean;
}

/** Largest minus smallest value of each image. */
function rangesOf(images: tf.Tensor4D): readonly number[] {
  const values = images.dataSync<"float32">();
  const size = values.length / images.shape[0];
  return Array.from({ length: images.shape[0] }, (_, image) => {
    const own = values.subarray(image * size, (image + 1) * size);
    return own.reduce((a, b) => Math.max(a, b), -Infinity) - own.reduce((a, b) => Math.min(a, b), Infinity);
  });
}
