/**
 * The teacher as an exponential moving average of the student (the paper's Methods): g ← τ g + (1 − τ) f.
 *
 * @module
 */

/** Updates `average` in place; τ = `momentum`. */
export function ema(average: Float32Array, values: Float32Array, momentum: number): void {
  for (let i = 0; i < average.length; i++) {
    average[i] = momentum * average[i] + (1 - momentum) * values[i];
  }
}
