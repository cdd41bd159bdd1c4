/**
 * Conversion of views from bytes to the networks' input.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { normalise } from "../augment/normalise.ts";

/** One kind of crop. */
export interface Crop {
  /** Views an image. */
  readonly count: number;
  /** Pixels on a side. */
  readonly size: number;
}

/**
 * Scale of a network's input: normalised, as in training, or the numbers 0 to 255 (the released evaluation).
 */
export type Pixels = "normalised" | "raw";

/**
 * Images `from` ≤ i < `to` of a batch as input of a network: float32 [count · (to − from), size, size, 3], *view* by
 * view.
 *
 * @param options.pixels normalised unless said otherwise
 */
export function viewTensor(
  bytes: Uint8Array,
  { count, size, from, to, pixels = "normalised" }: Crop & {
    readonly from: number;
    readonly to: number;
    readonly pixels?: Pixels;
  },
): tf.Tensor4D {
  const length = size * size * 3;
  const ordered = new Uint8Array(count * (to - from) * length);
  for (let view = 0, at = 0; view < count; view++) {
    for (let image = from; image < to; image++, at += length) {
      const start = (image * count + view) * length;
      ordered.set(bytes.subarray(start, start + length), at);
    }
  }
  const values = pixels === "raw" ? Float32Array.from(ordered) : normalise(ordered);
  return tf.tensor4d(values, [count * (to - from), size, size, 3]);
}
