/**
 * Gaussian blur in the manner of Pillow (BoxBlur.c): three extended box blurs in each direction (Gwosdek et
 * al. 2011), with 8 bits in between, weights in 24-bit fixed point, and edges repeated.
 *
 * @module
 */

const { fround } = Math;
const PASSES = 3;
const ONE = 1 << 24;
const HALF = 1 << 23;

/** Blurs RGB pixels [size, size, 3] in place; `radius` is the standard deviation, pixels. */
export function gaussianBlur(
  pixels: Uint8Array,
  options: {
    readonly size: number;
    readonly radius: number;
    /** At least `size` bytes. */
    readonly scratch: Uint8Array;
  },
): void {
  const { size, scratch } = options;
  const radius = boxRadius(fround(options.radius));
  if (radius === 0) return;
  const whole = Math.trunc(radius);
  const weight = Math.trunc(fround(ONE / fround(fround(radius * 2) + 1)));
  const farWeight = (ONE - (whole * 2 + 1) * weight) >>> 1;
  const box: Box = { size, radius: whole, weight, farWeight, scratch };
  for (let line = 0; line < size; line++) {
    for (let channel = 0; channel < 3; channel++) {
      for (let pass = 0; pass < PASSES; pass++) blurLine(pixels, line * size * 3 + channel, 3, box);
    }
  }
  for (let line = 0; line < size; line++) {
    for (let channel = 0; channel < 3; channel++) {
      for (let pass = 0; pass < PASSES; pass++) blurLine(pixels, line * 3 + channel, size * 3, box);
    }
  }
}

interface Box {
  readonly size: number;
  /** Whole pixels on each side of the middle pixel. */
  readonly radius: number;
  /** Weight of these pixels; `farWeight` is that of the two beyond them. 24-bit fixed point. */
  readonly weight: number;
  readonly farWeight: number;
  readonly scratch: Uint8Array;
}

/** Radius, with its fraction, of the box whose `PASSES`-fold convolution has the variance σ²; float32. */
function boxRadius(sigma: number): number {
  const variance = fround(fround(sigma * sigma) / PASSES);
  const length = fround(Math.sqrt(12 * variance + 1));
  const whole = Math.floor((length - 1) / 2);
  const next = (whole + 1) * (whole + 1);
  const above = fround((2 * whole + 1) * fround(whole * (whole + 1) - fround(3 * variance)));
  const below = fround(6 * fround(variance - next));
  return fround(whole + fround(above / below));
}

/** A running sum along one line of one channel: bytes `start`, `start + step`, … */
function blurLine(pixels: Uint8Array, start: number, step: number, box: Box): void {
  const { size, radius, weight, farWeight, scratch: line } = box;
  const last = size - 1;
  for (let x = 0, at = start; x < size; x++, at += step) line[x] = pixels[at];
  let sum = line[0] * (radius + 1);
  for (let x = 0; x < radius; x++) sum += line[Math.min(x, last)];
  for (let x = 0, at = start; x < size; x++, at += step) {
    const left = line[Math.max(x - radius - 1, 0)];
    sum += line[Math.min(x + radius, last)] - left;
    const far = left + line[Math.min(x + radius + 1, last)];
    // Sums stay below 2³², so wrapping 32-bit products add up to the same bits.
    pixels[at] = (Math.imul(sum, weight) + Math.imul(far, farWeight) + HALF) >>> 24;
  }
}
