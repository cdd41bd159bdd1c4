/**
 * Changes of colour pixel by pixel, on RGB pixels 0–255, in place, with Pillow's rounding: a blend is
 * computed in float32 and cut off towards zero; luma is ITU-R 601 in 16-bit fixed point.
 *
 * @module
 */

const { fround } = Math;

/** ITU-R 601 luma of a pixel, 0–255 (Pillow's conversion to mode L). */
function luma(red: number, green: number, blue: number): number {
  return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
}

/** Pixel ↦ factor · pixel: 0 is black, 1 leaves it as it is. */
export function brightness(pixels: Uint8Array, factor: number): void {
  blendWith(pixels, { grey: 0, factor });
}

/** Pixel ↦ mean + factor · (pixel − mean), with the mean luma of the image, rounded. */
export function contrast(pixels: Uint8Array, factor: number): void {
  let sum = 0;
  for (let i = 0; i < pixels.length; i += 3) sum += luma(pixels[i], pixels[i + 1], pixels[i + 2]);
  blendWith(pixels, { grey: Math.trunc(sum / (pixels.length / 3) + 0.5), factor });
}

const table = new Uint8Array(256);

function blendWith(
  pixels: Uint8Array,
  { grey, factor }: { readonly grey: number; readonly factor: number },
): void {
  const alpha = fround(factor);
  for (let value = 0; value < 256; value++) table[value] = blend(grey, value, alpha);
  for (let i = 0; i < pixels.length; i++) pixels[i] = table[pixels[i]];
}

/** Pixel ↦ luma + factor · (pixel − luma): 0 is grey, 1 leaves it as it is. */
export function saturation(pixels: Uint8Array, factor: number): void {
  const alpha = fround(factor);
  for (let i = 0; i < pixels.length; i += 3) {
    const grey = luma(pixels[i], pixels[i + 1], pixels[i + 2]);
    pixels[i] = blend(grey, pixels[i], alpha);
    pixels[i + 1] = blend(grey, pixels[i + 1], alpha);
    pixels[i + 2] = blend(grey, pixels[i + 2], alpha);
  }
}

function blend(from: number, to: number, alpha: number): number {
  const value = fround(from + fround(alpha * (to - from)));
  return value <= 0 ? 0 : value >= 255 ? 255 : value | 0;
}

/** Every channel ↦ luma. */
export function grayscale(pixels: Uint8Array): void {
  for (let i = 0; i < pixels.length; i += 3) {
    pixels[i] = pixels[i + 1] = pixels[i + 2] = luma(pixels[i], pixels[i + 1], pixels[i + 2]);
  }
}

/** Inverts values at or above the threshold. */
export function solarise(pixels: Uint8Array, threshold: number): void {
  for (let i = 0; i < pixels.length; i++) if (pixels[i] >= threshold) pixels[i] = 255 - pixels[i];
}
