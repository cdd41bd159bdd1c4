/**
 * Maps of many images, and the consistency of each leaf's maps.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { concat } from "../../formats/bytes.ts";
import { normalise } from "../augment/normalise.ts";
import { random } from "../random.ts";
import { type Consistency, consistencyOf, permutedOrders } from "./consistency.ts";
import { meanCorrelation } from "./map_comparison.ts";
import type { Halves } from "./leaves/halves.ts";
import { type Network, saliencyMaps } from "./maps.ts";
import { flip, jitter } from "./perturbation.ts";

export interface MapOptions {
  /** Pixels on a side. */
  readonly side: number;
  /** Number of images at once. */
  readonly batch: number;
  /** Called after each batch with the number of images done so far. */
  readonly progress?: (done: number) => void | Promise<void>;
}

/** Maps [n, m, side, side] of images [n, side, side, 3], sRGB bytes. */
export async function mapImages(
  network: Network,
  images: Uint8Array,
  { side, batch, progress }: MapOptions,
): Promise<Float32Array> {
  const size = 3 * side * side;
  const count = images.length / size;
  const maps = new Float32Array(count * network.encoder.leaves * side * side);
  for (let first = 0; first < count; first += batch) {
    const last = Math.min(first + batch, count);
    const x = tf.tensor4d(normalise(images.subarray(first * size, last * size)), [
      last - first,
      side,
      side,
      3,
    ]);
    try {
      maps.set(saliencyMaps(network, x), first * network.encoder.leaves * side * side);
    } finally {
      x.dispose();
    }
    await progress?.(last);
  }
  return maps;
}

/** Number of map sets of all images: plain, flipped and jittered, of the trained network and of the untrained one. */
export const SURVEY_PASSES = 6;

/** Number of this random stream, so that no other draw repeats it. */
const STREAM = 0x5a_11_e0;

/** Consistency of one leaf's maps after training and before, and the mean ρ between the two. */
export interface ConsistencyChange {
  readonly after: Consistency;
  readonly before: Consistency;
  readonly untrainedCorrelation: number;
}

/** Consistency of one leaf on each half of the images. */
export type HalvedConsistency = Readonly<Record<keyof Halves, ConsistencyChange>>;

/** Images [n, side, side, 3] and their labels. */
export interface LabelledImages {
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
}

/** Consistency of every leaf on both halves of the images; `progress` counts passes over all images. */
export async function surveyConsistency(
  networks: { readonly trained: Network; readonly untrained: Network },
  halves: Readonly<Record<keyof Halves, LabelledImages>>,
  options: MapOptions & { readonly seed: number },
): Promise<readonly HalvedConsistency[]> {
  const { side, seed, progress } = options;
  const pixels = concat([halves.selection.pixels, halves.measurement.pixels]);
  const labels = concat([halves.selection.labels, halves.measurement.labels]);
  const first = halves.selection.labels.length;
  let done = 0;
  const mapsOf = async (network: Network, images: Uint8Array) => {
    const before = done++ * labels.length;
    return await mapImages(network, images, {
      ...options,
      progress: (images) => progress?.(before + images),
    });
  };
  const surveyed = async (network: Network) => ({
    plain: await mapsOf(network, pixels),
    flipped: flip(await mapsOf(network, flip(pixels, side, 3)), side, 1),
    jittered: await mapsOf(network, jitterEach(pixels, { side, seed })),
  });
  const after = await surveyed(networks.trained);
  const before = await surveyed(networks.untrained);
  const orders = [first, labels.length - first].map((count) => permutedOrders(count, seed));
  const { leaves } = networks.trained.encoder;
  const size = side * side;
  return Array.from({ length: leaves }, (_, leaf) => {
    const within = (from: number, to: number): ConsistencyChange => {
      const own = (all: Float32Array) => leafMaps(all, { leaf, leaves, pixels: size }).slice(from, to);
      const consistency = ({ plain, flipped, jittered }: typeof after) =>
        consistencyOf({ plain: own(plain), flipped: own(flipped), jittered: own(jittered) }, {
          labels: labels.subarray(from, to),
          orders: orders[from === 0 ? 0 : 1],
        });
      const images = (all: Float32Array) => all.subarray(from * leaves * size, to * leaves * size);
      return {
        after: consistency(after),
        before: consistency(before),
        untrainedCorrelation: meanCorrelation(images(after.plain), images(before.plain), {
          leaf,
          leaves,
          size,
        }),
      };
    };
    return { selection: within(0, first), measurement: within(first, labels.length) };
  });
}

function jitterEach(
  pixels: Uint8Array,
  { side, seed }: { readonly side: number; readonly seed: number },
): Uint8Array {
  const size = 3 * side * side;
  const out = new Uint8Array(pixels.length);
  for (let image = 0; image < pixels.length / size; image++) {
    const from = pixels.subarray(image * size, (image + 1) * size);
    out.set(jitter(from, random(seed, STREAM, image)), image * size);
  }
  return out;
}

function leafMaps(
  maps: Float32Array,
  { leaf, leaves, pixels }: { readonly leaf: number; readonly leaves: number; readonly pixels: number },
): readonly Float32Array[] {
  return Array.from(
    { length: maps.length / (leaves * pixels) },
    (_, i) => maps.subarray((i * leaves + leaf) * pixels, (i * leaves + leaf + 1) * pixels),
  );
}
