/**
 * Gradient clipping by the L2 norm of each parameter tensor, where one leaf's part of a grouped tensor counts as a
 * tensor of its own: m leaves in one tensor train as m separate networks would.
 *
 * @module
 */

const EPSILON = 1e-6; // as PyTorch's clip_grad_norm_ adds it

/** Scales each of `groups` equal parts of `gradient` to a norm of at most `limit`, in place; returns their norms. */
export function clip(
  gradient: Float32Array,
  { limit, groups = 1 }: { readonly limit: number; readonly groups?: number },
): readonly number[] {
  const size = gradient.length / groups;
  return Array.from(
    { length: groups },
    (_, i) => clipPart(gradient.subarray(i * size, (i + 1) * size), limit),
  );
}

function clipPart(part: Float32Array, limit: number): number {
  let squares = 0;
  for (let i = 0; i < part.length; i++) squares += part[i] * part[i];
  const norm = Math.sqrt(squares);
  const scale = limit / (norm + EPSILON);
  if (scale < 1) {
    for (let i = 0; i < part.length; i++) part[i] *= scale;
  }
  return norm;
}
