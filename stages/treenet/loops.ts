/**
 * The loops of a training step over host arrays, for which a backend may have faster ones ({@linkcode Ops.loops}). All
 * compute in float64, round where they store, and give the same bits.
 *
 * @module
 */
import { adamw } from "./adamw.ts";
import { ema } from "./ema.ts";

/** What there is of them. */
export interface Loops {
  /** Σ x², in four sums that are added pairwise: number i belongs to sum i mod 4, what is left of the last four to the first. */
  squares(x: Float32Array): number;
  /** x ← factor · x */
  scale(x: Float32Array, factor: number): void;
  readonly adamw: typeof adamw;
  readonly ema: typeof ema;
}

/** Loops that are not JavaScript's would read and write past a shorter array. Throws a RangeError. */
export function sameLength(arrays: readonly Float32Array[]): void {
  const lengths = arrays.map(({ length }) => length);
  if (lengths.every((length) => length === lengths[0])) return;
  throw new RangeError(
    `Cannot update parameters: arrays have ${lengths.join(", ")} numbers, expected the same`,
  );
}

/** In JavaScript: the reference. */
export const LOOPS: Loops = { squares, scale, adamw, ema };

function squares(x: Float32Array): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = x.length - x.length % 4;
  for (let i = 0; i < whole; i += 4) {
    a += x[i] * x[i];
    b += x[i + 1] * x[i + 1];
    c += x[i + 2] * x[i + 2];
    d += x[i + 3] * x[i + 3];
  }
  for (let i = whole; i < x.length; i++) a += x[i] * x[i];
  return (a + b) + (c + d);
}

function scale(x: Float32Array, factor: number): void {
  for (let i = 0; i < x.length; i++) x[i] *= factor;
}
