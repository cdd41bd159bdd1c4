/**
 * Hue shift in the manner of torchvision on Pillow images: to 8-bit HSV (Pillow's Convert.c, after Python's
 * colorsys), a shift of the hue that wraps around at 256, and back. The round trip changes pixels.
 *
 * @module
 */

const { fround } = Math;

/** Hue 0–255 → sixth of the circle, 0–5, and the position within it, 0–1, float32. */
const SIXTHS = Uint8Array.from({ length: 256 }, (_, hue) => Math.floor(hue * 6 / 255) % 6);
const FRACTIONS = Float32Array.from({ length: 256 }, (_, hue) => hue * 6 / 255 - Math.floor(hue * 6 / 255));
/** Saturation 0–255 → 0–1, float32. */
const UNIT = Float32Array.from({ length: 256 }, (_, saturation) => saturation / 255);

/** Turns the hue of RGB pixels by `turn` of a full circle, −0.5 … 0.5, in place. */
export function turnHue(pixels: Uint8Array, turn: number): void {
  const shift = Math.trunc(turn * 255) & 0xff;
  for (let i = 0; i < pixels.length; i += 3) {
    const red = pixels[i];
    const green = pixels[i + 1];
    const blue = pixels[i + 2];
    const value = Math.max(red, green, blue);
    const spread = value - Math.min(red, green, blue);
    if (spread === 0) continue; // grey has no hue, and stays as it is
    const saturation = (fround(spread / value) * 255) | 0;
    const hue = (hueOf(red, green, blue) + shift) & 0xff;
    if (saturation === 0) pixels.fill(value, i, i + 3);
    else writeHsv(pixels, i, { hue, saturation, value });
  }
}

/** Hue of a pixel that is not grey, 0–255. */
function hueOf(red: number, green: number, blue: number): number {
  const value = Math.max(red, green, blue);
  const spread = value - Math.min(red, green, blue);
  const toRed = fround((value - red) / spread);
  const toGreen = fround((value - green) / spread);
  const toBlue = fround((value - blue) / spread);
  const sixths = red === value
    ? fround(toBlue - toGreen)
    : green === value
    ? fround(2 + toRed - toBlue)
    : fround(4 + toGreen - toRed);
  return (fround((sixths / 6 + 1) % 1) * 255) | 0;
}

/** HSV → RGB at byte `at`. */
function writeHsv(
  pixels: Uint8Array,
  at: number,
  colour: { readonly hue: number; readonly saturation: number; readonly value: number },
): void {
  const { value } = colour;
  const fraction = FRACTIONS[colour.hue];
  const saturation = UNIT[colour.saturation];
  const low = (value * (1 - saturation) + 0.5) | 0;
  const falling = (value * (1 - fround(saturation * fraction)) + 0.5) | 0;
  const rising = (value * (1 - saturation * (1 - fraction)) + 0.5) | 0;
  const sixth = SIXTHS[colour.hue];
  pixels[at] = sixth === 0 || sixth === 5 ? value : sixth === 1 ? falling : sixth === 4 ? rising : low;
  pixels[at + 1] = sixth === 1 || sixth === 2 ? value : sixth === 3 ? falling : sixth === 0 ? rising : low;
  pixels[at + 2] = sixth === 3 || sixth === 4 ? value : sixth === 5 ? falling : sixth === 2 ? rising : low;
}
