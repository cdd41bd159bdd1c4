/**
 * AdamW (Kingma and Ba, 2015; decay decoupled as by Loshchilov and Hutter, 2019) as a loop over host arrays: stock
 * tensor operations take seconds a step for the 49 million parameters of ResNet50 with its head.
 *
 *     m ← β₁ m + (1 − β₁) g          v ← β₂ v + (1 − β₂) g²
 *     w ← w (1 − η λ) − η · m̂ / (√v̂ + ε),   m̂ = m / (1 − β₁ᵗ),  v̂ = v / (1 − β₂ᵗ)
 *
 * @module
 */

const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];

/** One parameter and its moments; all arrays of one length. */
export interface Slot {
  readonly weights: Float32Array;
  /** m */
  readonly first: Float32Array;
  /** v */
  readonly second: Float32Array;
}

/** Updates `slot` in place. `update` is t, counted from 1 by the updates of this parameter. */
export function adamw(
  { weights, first, second }: Slot,
  gradient: Float32Array,
  options: { readonly learningRate: number; readonly weightDecay: number; readonly update: number },
): void {
  const { learningRate, weightDecay, update } = options;
  const keep = 1 - learningRate * weightDecay;
  const step = learningRate / (1 - BETA1 ** update);
  const correction = 1 / Math.sqrt(1 - BETA2 ** update);
  for (let i = 0; i < weights.length; i++) {
    const g = gradient[i];
    const m = first[i] = BETA1 * first[i] + (1 - BETA1) * g;
    const v = second[i] = BETA2 * second[i] + (1 - BETA2) * g * g;
    weights[i] = weights[i] * keep - step * m / (Math.sqrt(v) * correction + EPSILON);
  }
}
