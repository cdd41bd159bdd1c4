/**
 * Drawn feature vectors for probes and layouts: ten classes on curved, overlapping arms.
 *
 * @module
 */
import { random } from "../../treenet/random.ts";
import type { LabelledFeatures } from "../../treenet/probe/feature_rows.ts";

export const CLASSES = 10;
export const SIZE = 24;

/** n points, equally many a class; the arms are the same for every seed. */
export function drawnFeatures(
  n: number,
  seed: number,
): LabelledFeatures & { readonly x: Float32Array<ArrayBuffer> } {
  const [arms, stream] = [random(21), random(22, seed)];
  const matrix = Array.from({ length: CLASSES * SIZE * 3 }, () => arms.normal());
  const x = new Float32Array(n * SIZE);
  const labels = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    const label = labels[i] = i % CLASSES;
    const along = 2 * stream.uniform() - 1;
    for (let j = 0; j < SIZE; j++) {
      const [offset, slope, bend] = matrix.slice(3 * (label * SIZE + j), 3 * (label * SIZE + j) + 3);
      x[i * SIZE + j] = offset + 1.5 * slope * along + bend * along ** 2 + 1.8 * stream.normal();
    }
  }
  return { x, labels, size: SIZE };
}
