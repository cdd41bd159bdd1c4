/**
 * The data behind values computed with scikit-learn 1.9.1: 120 points of 6 features in 4 classes from the linear
 * congruential generator s ← 1664525·s + 1013904223 mod 2³² started at 1, uniform in [−1, 1). Point i has class i mod 4;
 * its feature of that number is raised by 0.5, then 3 × feature 0 is added to feature 5, which makes it collinear.
 */
import type { LabelledFeatures } from "../../../treenet/probe/feature_rows.ts";

export const SIZE = 6;
export const CLASSES = 4;

export function goldenData(): LabelledFeatures & { readonly x: Float64Array } {
  let state = 1;
  const x = Float64Array.from({ length: 120 * SIZE }, () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return 2 * (state / 2 ** 32) - 1;
  });
  const labels = Uint8Array.from({ length: 120 }, (_, i) => i % CLASSES);
  labels.forEach((label, i) => {
    x[i * SIZE + label] += 0.5;
    x[i * SIZE + 5] = 3 * x[i * SIZE] + x[i * SIZE + 5];
  });
  return { x, labels, size: SIZE };
}

/** Column `j`, [120]. */
export function column(j: number): Float64Array {
  return goldenData().x.filter((_, i) => i % SIZE === j);
}
