/**
 * Feature vectors shaped like an encoder's, for probes and layouts: ten overlapping classes, and directions whose
 * variance falls off as 1/k, turned so that every feature has a share of all.
 *
 * @module
 */
import { writeNpy } from "../../../formats/npy.ts";
import type { LabelledFeatures } from "../../../treenet/probe/feature_rows.ts";
import { random } from "../../../treenet/random.ts";

export const CLASSES = 10;
/** Distance of the classes' means from their middle, in standard deviations of a direction. */
const APART = 0.14;

/** n vectors of so many features, equally many of each class; the same on every call. */
export function shapedFeatures(n: number, size: number): LabelledFeatures & { readonly x: Float32Array } {
  const stream = random(n, size);
  const normals = (count: number) => Float64Array.from({ length: count }, () => stream.normal());
  const [turn, means] = [normals(size * size), normals(CLASSES * size)];
  const x = new Float32Array(n * size), labels = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    labels[i] = i % CLASSES;
    const scores = normals(size);
    for (let k = 0; k < size; k++) {
      const score = (scores[k] + APART * means[labels[i] * size + k]) / Math.sqrt(k + 1);
      for (let j = 0; j < size; j++) x[i * size + j] += score * turn[k * size + j] / Math.sqrt(size);
    }
  }
  return { x, labels, size };
}

/** Writes features and labels for Python; returns the two paths. */
export async function writeFeatures(
  folder: string,
  { x, labels, size }: LabelledFeatures,
): Promise<{ readonly features: string; readonly labels: string }> {
  const paths = { features: `${folder}/features.npy`, labels: `${folder}/labels.npy` };
  await writeNpy(paths.features, { shape: [labels.length, size], data: Float32Array.from(x) });
  await writeNpy(paths.labels, { shape: [labels.length], data: labels });
  return paths;
}
