/**
 * Two changes of an image that a consistent leaf's map should follow: a horizontal flip and a colour jitter.
 *
 * @module
 */
import type { Random } from "../random.ts";

/** Mirrors rows of `width` elements of `channels` numbers each: images, or maps with one channel. */
export function flip<T extends Uint8Array | Float32Array>(x: T, width: number, channels: number): T {
  const out = x.slice() as T;
  for (let pixel = 0; pixel < x.length / channels; pixel++) {
    const column = pixel % width;
    const from = (pixel - column + (width - 1 - column)) * channels;
    for (let c = 0; c < channels; c++) out[pixel * channels + c] = x[from + c];
  }
  return out;
}

/** Rec. 601 luma, as in torchvision's grayscale. */
const LUMA = [0.299, 0.587, 0.114];

/**
 * Changes brightness and contrast by factors in [0.6, 1.4], then saturation by one in [0.8, 1.2]: the
 * strengths of the training views, without hue.
 *
 * @param image [H, W, 3], sRGB 0–255
 */
export function jitter(image: Uint8Array, stream: Random): Uint8Array {
  const between = (low: number, high: number) => low + (high - low) * stream.uniform();
  const [brightness, contrast, saturation] = [between(0.6, 1.4), between(0.6, 1.4), between(0.8, 1.2)];
  const bright = Float32Array.from(image, (value) => Math.min(255, value * brightness));
  const level = meanLuma(bright);
  const contrasted = bright.map((value) => clip(level + (value - level) * contrast));
  return Uint8Array.from(contrasted, (value, i) => {
    const grey = lumaAt(contrasted, i - i % 3);
    return Math.round(clip(grey + (value - grey) * saturation));
  });
}

/** Luma of the pixel whose red is element `at`. */
export function lumaAt(x: ArrayLike<number>, at: number): number {
  return LUMA[0] * x[at] + LUMA[1] * x[at + 1] + LUMA[2] * x[at + 2];
}

function meanLuma(x: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < x.length; at += 3) sum += lumaAt(x, at);
  return sum / (x.length / 3);
}

function clip(value: number): number {
  return Math.min(255, Math.max(0, value));
}
