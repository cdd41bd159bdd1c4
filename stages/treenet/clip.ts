/**
 * Gradient clipping by the L2 norm of each parameter tensor, where one leaf's part of a grouped tensor counts as a
 * tensor of its own: m leaves in one tensor train as m separate networks would.
 *
 * @module
 */
import { LOOPS, type Loops } from "./loops.ts";

const EPSILON = 1e-6; // as PyTorch's clip_grad_norm_ adds it

/** Scales each of `groups` equal parts of `gradient` to a norm of at most `limit`, in place; returns their norms. */
export function clip(
  gradient: Float32Array,
  { limit, groups = 1, loops = LOOPS }: {
    readonly limit: number;
    readonly groups?: number;
    readonly loops?: Loops;
  },
): readonly number[] {
  const size = gradient.length / groups;
  return Array.from(
    { length: groups },
    (_, i) => clipPart(gradient.subarray(i * size, (i + 1) * size), { limit, loops }),
  );
}

function clipPart(
  part: Float32Array,
  { limit, loops }: { readonly limit: number; readonly loops: Loops },
): number {
  const norm = Math.sqrt(loops.squares(part));
  const scale = limit / (norm + EPSILON);
  if (scale < 1) loops.scale(part, scale);
  return norm;
}
