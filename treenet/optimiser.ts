/**
 * The update of a training step: gradients are clipped, AdamW moves the student, the teacher follows it. All of it loops
 * over host arrays, for which a backend may have faster loops ({@linkcode Ops.loops}): stock tensor operations take seconds
 * a step for the 49 million parameters of ResNet50 with its head. All loops compute in float64, round where they store, and
 * give the same bits.
 *
 * @module
 */
import type { Weights } from "./nn/parameters.ts";
import type { Loops, ParameterSpec, Slot, UpdateOptions } from "./nn/types.ts";

/** The reference loops, in JavaScript. */
export const LOOPS: Loops = { squares, scale, adamw, ema };

/** Throws a RangeError unless all lengths agree: loops that are not JavaScript's would read and write past a shorter array. */
export function sameLength(arrays: readonly Float32Array[]): void {
  const lengths = arrays.map(({ length }) => length);
  if (lengths.every((length) => length === lengths[0])) return;
  throw new RangeError(
    `Cannot update parameters: arrays have ${lengths.join(", ")} numbers, expected the same`,
  );
}

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

const CLIP_EPSILON = 1e-6; // as PyTorch's clip_grad_norm_ adds it

/**
 * Scales each of `groups` equal parts of `gradient` to an L2 norm of at most `limit`, in place; returns their norms. One
 * leaf's part of a grouped tensor counts as a tensor of its own: m leaves in one tensor train as m separate networks would.
 */
export function clip(
  gradient: Float32Array,
  { limit, groups = 1, loops = LOOPS }: {
    readonly limit: number;
    readonly groups?: number;
    readonly loops?: Loops;
  },
): readonly number[] {
  const size = gradient.length / groups;
  return Array.from({ length: groups }, (_, i) => {
    const part = gradient.subarray(i * size, (i + 1) * size);
    const norm = Math.sqrt(loops.squares(part));
    const factor = limit / (norm + CLIP_EPSILON);
    if (factor < 1) loops.scale(part, factor);
    return norm;
  });
}

/** Clips every parameter's gradient in place; returns the norms before, by parameter. */
export function clipAll(
  gradients: Weights,
  specs: readonly ParameterSpec[],
  { limit, loops }: { readonly limit: number; readonly loops?: Loops },
): ReadonlyMap<string, number> {
  return new Map(specs.map(({ name, groups }) => {
    return [name, Math.hypot(...clip(gradients[name], { limit, groups, loops }))];
  }));
}

const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];

/**
 * AdamW (Kingma and Ba, 2015; decay decoupled as by Loshchilov and Hutter, 2019), in place:
 *
 *     m ← β₁ m + (1 − β₁) g          v ← β₂ v + (1 − β₂) g²
 *     w ← w (1 − η λ) − η · m̂ / (√v̂ + ε),   m̂ = m / (1 − β₁ᵗ),  v̂ = v / (1 − β₂ᵗ)
 */
export function adamw(
  { weights, first, second }: Slot,
  gradient: Float32Array,
  options: UpdateOptions,
): void {
  const { keep, step, correction } = ratesOf(options);
  for (let i = 0; i < weights.length; i++) {
    const g = gradient[i];
    const m = first[i] = BETA1 * first[i] + (1 - BETA1) * g;
    const v = second[i] = BETA2 * second[i] + (1 - BETA2) * g * g;
    weights[i] = weights[i] * keep - step * m / (Math.sqrt(v) * correction + EPSILON);
  }
}

/** Returns 1 − η λ, η / (1 − β₁ᵗ) and 1 / √(1 − β₂ᵗ). */
export function ratesOf({ learningRate, weightDecay, update }: UpdateOptions) {
  return {
    keep: 1 - learningRate * weightDecay,
    step: learningRate / (1 - BETA1 ** update),
    correction: 1 / Math.sqrt(1 - BETA2 ** update),
  };
}

/** The teacher as an exponential moving average of the student (the paper's Methods), in place: g ← τ g + (1 − τ) f. */
export function ema(average: Float32Array, values: Float32Array, momentum: number): void {
  for (let i = 0; i < average.length; i++) {
    average[i] = momentum * average[i] + (1 - momentum) * values[i];
  }
}
