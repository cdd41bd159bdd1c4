/**
 * Maps of many images, and the consistency of each leaf's maps.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { concat } from "../../formats/bytes.ts";
import { normalise } from "../augment/normalise.ts";
import { random } from "../random.ts";
import { type Consistency, consistencyOf, type MapSets } from "./consistency.ts";
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

/** Number of map sets of all images: plain, flipped, jittered, and of the untrained network. */
export const SURVEY_PASSES = 4;

/** Number of this random stream, so that no other draw repeats it. */
const STREAM = 0x5a_11_e0;

/** Consistency of one leaf on each half of the images. */
export type HalvedConsistency = Readonly<Record<keyof Halves, Consistency>>;

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
  const { side, seed, batch } = options;
  const pixels = concat([halves.selection.pixels, halves.measurement.pixels]);
  const labels = concat([halves.selection.labels, halves.measurement.labels]);
  const first = halves.selection.labels.length;
  const passes = [
    { network: networks.trained, pixels },
    { network: networks.trained, pixels: flip(pixels, side, 3) },
    { network: networks.trained, pixels: jitterEach(pixels, { side, seed }) },
    { network: networks.untrained, pixels },
  ];
  const maps: Float32Array[] = [];
  for (const [done, pass] of passes.entries()) {
    const progress = (images: number) => options.progress?.(done * labels.length + images);
    maps.push(await mapImages(pass.network, pass.pixels, { side, batch, progress }));
  }
  const [plain, mirrored, jittered, untrained] = maps;
  const flipped = flip(mirrored, side, 1);
  const { leaves } = networks.trained.encoder;
  return Array.from({ length: leaves }, (_, leaf) => {
    const of = (all: Float32Array) => leafMaps(all, { leaf, leaves, pixels: side * side });
    const sets = { plain: of(plain), flipped: of(flipped), jittered: of(jittered), untrained: of(untrained) };
    const within = (from: number, to: number) =>
      consistencyOf(part(sets, from, to), {
        labels: labels.subarray(from, to),
        seed,
        permutations: permutationsFor(leaves),
      });
    return { selection: within(0, first), measurement: within(first, labels.length) };
  });
}

/** Permutations for a smallest p of half of Holm's strictest bound over `leaves` at 5%; at least 199. */
function permutationsFor(leaves: number): number {
  return Math.max(199, 40 * leaves - 1);
}

function part(sets: MapSets, from: number, to: number): MapSets {
  const { plain, flipped, jittered, untrained } = sets;
  const [a, b, c, d] = [plain, flipped, jittered, untrained].map((maps) => maps.slice(from, to));
  return { plain: a, flipped: b, jittered: c, untrained: d };
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
