/**
 * The crop of a view: torchvision's RandomResizedCrop.
 *
 * @module
 */
import type { Random } from "../random.ts";

/** A rectangle of whole pixels. */
export interface Box {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

const TRIES = 10;

/**
 * Draws an area uniformly and an aspect log-uniformly until the rectangle fits into the square image, then
 * its position. After ten failures it takes the largest central rectangle of an allowed aspect.
 *
 * Draws: (area, aspect) for each try, then top and left of the first rectangle that fits.
 */
export function drawBox(
  stream: Random,
  range: {
    /** Pixels on a side of the image. */
    readonly side: number;
    readonly scale: readonly [number, number];
    readonly aspect: readonly [number, number];
  },
): Box {
  const { side, scale, aspect } = range;
  const [low, high] = [Math.log(aspect[0]), Math.log(aspect[1])];
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const area = side * side * uniform(stream, scale);
    const ratio = Math.exp(uniform(stream, [low, high]));
    const width = Math.round(Math.sqrt(area * ratio));
    const height = Math.round(Math.sqrt(area / ratio));
    if (width === 0 || width > side || height === 0 || height > side) continue;
    const top = stream.integer(side - height + 1);
    const left = stream.integer(side - width + 1);
    return { top, left, height, width };
  }
  return centralBox(side, aspect);
}

/** Uniform in [low, high). */
export function uniform(stream: Random, [low, high]: readonly [number, number]): number {
  return low + (high - low) * stream.uniform();
}

function centralBox(side: number, [low, high]: readonly [number, number]): Box {
  const width = high < 1 ? Math.round(side * high) : side;
  const height = low > 1 ? Math.round(side / low) : side;
  return { top: (side - height) >> 1, left: (side - width) >> 1, height, width };
}

/** Mirrors pixels [size, size, 3] left to right, in place. */
export function flip(pixels: Uint8Array, size: number): void {
  for (let row = 0; row < size; row++) {
    let left = row * size * 3;
    let right = left + (size - 1) * 3;
    for (; left < right; left += 3, right -= 3) {
      for (let channel = 0; channel < 3; channel++) {
        const kept = pixels[left + channel];
        pixels[left + channel] = pixels[right + channel];
        pixels[right + channel] = kept;
      }
    }
  }
}
