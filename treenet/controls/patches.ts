/**
 * Square patches of images, normalised to equal brightness and contrast (Coates et al. 2011, section 3.1.1).
 *
 * @module
 */
import type { Random } from "../random.ts";

/** Images [n, side, side, 3], bytes. */
export interface Images {
  readonly bytes: Uint8Array;
  /** Pixels on a side. */
  readonly side: number;
}

/** Added to a patch's variance, so that noise in a flat patch is not amplified; for bytes 0 to 255. */
const FLATNESS = 10;

/** Number of values in a patch of `size` × `size` pixels. */
export function patchLength(size: number): number {
  return size * size * 3;
}

/** Number of positions of a window of `size` pixels along a side, `stride` pixels apart. */
export function places(side: number, window: { readonly size: number; readonly stride: number }): number {
  return Math.floor((side - window.size) / window.stride) + 1;
}

/** `count` patches from random places of random images, float32 [count, size · size · 3]. */
export function drawPatches(
  images: Images,
  options: { readonly size: number; readonly count: number; readonly stream: Random },
): Float32Array {
  const { size, count, stream } = options;
  const total = images.bytes.length / (images.side ** 2 * 3);
  const length = patchLength(size);
  const out = new Float32Array(count * length);
  for (let i = 0; i < count; i++) {
    const image = stream.integer(total);
    const [x, y] = [0, 0].map(() => stream.integer(images.side - size + 1));
    copyPatch(images, { image, x, y, size }, out.subarray(i * length, (i + 1) * length));
  }
  return out;
}

/** Every patch of one image, row by row: [places², size · size · 3]. */
export function everyPatch(
  images: Images,
  image: number,
  window: { readonly size: number; readonly stride: number },
): Float32Array {
  const along = places(images.side, window);
  const length = patchLength(window.size);
  const out = new Float32Array(along * along * length);
  for (let i = 0; i < along * along; i++) {
    const [x, y] = [i % along, Math.floor(i / along)].map((place) => place * window.stride);
    copyPatch(images, { image, x, y, size: window.size }, out.subarray(i * length, (i + 1) * length));
  }
  return out;
}

/** Writes (p − mean) / √(variance + 10), with the mean and variance of the patch. */
function copyPatch(
  { bytes, side }: Images,
  { image, x, y, size }: {
    readonly image: number;
    readonly x: number;
    readonly y: number;
    readonly size: number;
  },
  out: Float32Array,
): void {
  for (let row = 0; row < size; row++) {
    const from = ((image * side + y + row) * side + x) * 3;
    out.set(bytes.subarray(from, from + size * 3), row * size * 3);
  }
  let [sum, squares] = [0, 0];
  for (let i = 0; i < out.length; i++) {
    sum += out[i];
    squares += out[i] ** 2;
  }
  const mean = sum / out.length;
  const scale = 1 / Math.sqrt(squares / out.length - mean ** 2 + FLATNESS);
  for (let i = 0; i < out.length; i++) out[i] = (out[i] - mean) * scale;
}
