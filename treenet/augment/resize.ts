/**
 * Bicubic resizing in the manner of Pillow (Resample.c): Keys' kernel with a = −0.5 (1981), widened when
 * shrinking so that it averages; rows, then columns, each rounded to 8 bits; 22-bit fixed-point weights.
 *
 * @module
 */
import type { Box } from "./crop.ts";

const PRECISION = 22; // bits after the point
const HALF = 1 << (PRECISION - 1);
const SUPPORT = 2; // pixels on each side, at scale 1

/** For each output position: its first input position, and `taps` weights (unused ones are zero). */
interface Weights {
  readonly taps: number;
  /** [out] */
  readonly starts: Int32Array;
  /** [out] */
  readonly counts: Int32Array;
  /** [out, taps], fixed point. */
  readonly values: Int32Array;
}

/** Input length × output length → weights; a run needs few pairs. */
const known = new Map<number, Weights>();

/** Resizes `box` of pixels [side, side, 3] to `out` [size, size, 3]; nothing outside the box is read. */
export function resizeBox(
  image: Uint8Array,
  target: {
    readonly side: number;
    readonly box: Box;
    readonly size: number;
    readonly out: Uint8Array;
    /** At least box height × size × 3 bytes. */
    readonly scratch: Uint8Array;
  },
): void {
  const { side, box, size, out, scratch } = target;
  const from = (box.top * side + box.left) * 3;
  const across = weightsFor(box.width, size);
  for (let row = 0; row < box.height; row++) {
    const start = from + row * side * 3;
    resample(image, scratch, { weights: across, size, start, step: 3, to: row * size * 3, toStep: 3 });
  }
  const down = weightsFor(box.height, size);
  const step = size * 3;
  for (let column = 0; column < size; column++) {
    const start = column * 3;
    resample(scratch, out, { weights: down, size, start, step, to: start, toStep: step });
  }
}

/** Resizes one row or column of RGB pixels. */
function resample(
  source: Uint8Array,
  target: Uint8Array,
  line: {
    readonly weights: Weights;
    readonly size: number;
    /** Byte of the line's first pixel; `step` is the number of bytes to the next pixel. */
    readonly start: number;
    readonly step: number;
    readonly to: number;
    readonly toStep: number;
  },
): void {
  const { weights: { taps, starts, counts, values }, size, start, step, toStep } = line;
  for (let x = 0, to = line.to; x < size; x++, to += toStep) {
    let red = HALF;
    let green = HALF;
    let blue = HALF;
    const end = x * taps + counts[x];
    for (let tap = x * taps, at = start + starts[x] * step; tap < end; tap++, at += step) {
      const weight = values[tap];
      red = (red + Math.imul(source[at], weight)) | 0;
      green = (green + Math.imul(source[at + 1], weight)) | 0;
      blue = (blue + Math.imul(source[at + 2], weight)) | 0;
    }
    target[to] = clip(red >> PRECISION);
    target[to + 1] = clip(green >> PRECISION);
    target[to + 2] = clip(blue >> PRECISION);
  }
}

function clip(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

function weightsFor(length: number, size: number): Weights {
  const key = length * 0x10000 + size;
  let weights = known.get(key);
  if (weights === undefined) known.set(key, weights = makeWeights(length, size));
  return weights;
}

function makeWeights(length: number, size: number): Weights {
  const scale = length / size;
  const widening = Math.max(scale, 1);
  const support = SUPPORT * widening;
  const taps = Math.ceil(support) * 2 + 1;
  const weights = {
    taps,
    starts: new Int32Array(size),
    counts: new Int32Array(size),
    values: new Int32Array(size * taps),
  };
  for (let x = 0; x < size; x++) {
    const centre = (x + 0.5) * scale;
    const start = Math.max(Math.trunc(centre - support + 0.5), 0);
    const end = Math.min(Math.trunc(centre + support + 0.5), length);
    const raw = Array.from({ length: end - start }, (_, i) => cubic((i + start - centre + 0.5) / widening));
    const sum = raw.reduce((a, b) => a + b, 0);
    weights.starts[x] = start;
    weights.counts[x] = end - start;
    raw.forEach((weight, i) => weights.values[x * taps + i] = fixed(weight / sum));
  }
  return weights;
}

/** Rounds half away from zero. */
function fixed(weight: number): number {
  return Math.trunc(weight * (1 << PRECISION) + (weight < 0 ? -0.5 : 0.5));
}

/** Keys' kernel, a = −0.5: (a+2)|x|³ − (a+3)|x|² + 1 below 1, a|x|³ − 5a|x|² + 8a|x| − 4a below 2. */
function cubic(x: number): number {
  const a = -0.5;
  const d = Math.abs(x);
  if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? (((d - 5) * d + 8) * d - 4) * a : 0;
}
