/**
 * Quality of a layout.
 *
 * Trustworthiness and continuity (Venna and Kaski 2001) count neighbours that the layout invents and loses;
 * k-NN overlap is the share of neighbours kept; the silhouette (Rousseeuw 1987) measures the separation of
 * classes, in the native space and in the layout. All are exact.
 *
 * @module
 */
import { rankOf, rowOf, type Space } from "./space.ts";

/** Trustworthiness, continuity and overlap lie in [0, 1], silhouettes in [−1, 1]; 1 is best. */
export interface Quality {
  readonly trustworthiness: number;
  readonly continuity: number;
  readonly knnOverlap: number;
  readonly silhouette: { readonly native: number; readonly layout: number };
}

export interface QualityOptions {
  /** Class of each point. */
  readonly labels: Uint8Array;
  /** Called now and then; it may be awaited to yield. */
  readonly progress?: (done: number, total: number) => void | Promise<void>;
}

const ROWS_BETWEEN_REPORTS = 100;

/**
 * Compares the space of a layout [n, 2] with its native space [n, d].
 *
 * @throws {RangeError} if the spaces' neighbours are not below n / 2, where the measures are not defined
 */
export async function quality(native: Space, layout: Space, options: QualityOptions): Promise<Quality> {
  const { labels } = options;
  const { count: n, neighbors: k } = native;
  if (k >= n / 2) {
    throw new RangeError(
      `Cannot measure a layout of ${n} points: neighbors is ${k}, expected less than half`,
    );
  }
  const sizes = classSizes(labels);
  const sum = { invented: 0, lost: 0, kept: 0, native: 0, layout: 0 };
  for (let i = 0; i < n; i++) {
    const [far, near] = [rowOf(native.squared, i, n), rowOf(layout.squared, i, n)];
    const [there, here] = [native.nearest[i], layout.nearest[i]];
    sum.invented += penalty(far, { i, neighbours: here, k });
    sum.lost += penalty(near, { i, neighbours: there, k });
    sum.kept += here.filter((j) => there.includes(j)).length;
    sum.native += silhouetteOf(far, { i, labels, sizes });
    sum.layout += silhouetteOf(near, { i, labels, sizes });
    if (i % ROWS_BETWEEN_REPORTS === 0) await options.progress?.(i, n);
  }
  const worst = n * k * (2 * n - 3 * k - 1) / 2;
  return {
    trustworthiness: 1 - sum.invented / worst,
    continuity: 1 - sum.lost / worst,
    knnOverlap: sum.kept / (n * k),
    silhouette: { native: sum.native / n, layout: sum.layout / n },
  };
}

/** Means over several layouts, and the smallest and largest value of each measure. */
export interface QualityRange {
  readonly mean: Quality;
  readonly low: Quality;
  readonly high: Quality;
}

/** Range over the layouts of different seeds, at least one. */
export function rangeOfQuality(all: readonly Quality[]): QualityRange {
  const over = (reduce: (values: readonly number[]) => number): Quality => ({
    trustworthiness: reduce(all.map(({ trustworthiness }) => trustworthiness)),
    continuity: reduce(all.map(({ continuity }) => continuity)),
    knnOverlap: reduce(all.map(({ knnOverlap }) => knnOverlap)),
    silhouette: {
      native: reduce(all.map(({ silhouette }) => silhouette.native)),
      layout: reduce(all.map(({ silhouette }) => silhouette.layout)),
    },
  });
  return {
    mean: over((values) => values.reduce((sum, value) => sum + value, 0) / values.length),
    low: over((values) => Math.min(...values)),
    high: over((values) => Math.max(...values)),
  };
}

/** Σ (rank − k) over those `neighbours` of i whose rank by `distances` is above k. */
function penalty(
  distances: Float64Array,
  o: { readonly i: number; readonly neighbours: readonly number[]; readonly k: number },
): number {
  return o.neighbours.reduce((sum, j) => sum + Math.max(0, rankOf(distances, o.i, j) - o.k), 0);
}

/** (b − a) / max(a, b); a: mean distance to the own class, b: to the nearest other; 0 for a class of one. */
function silhouetteOf(
  squared: Float64Array,
  o: { readonly i: number; readonly labels: Uint8Array; readonly sizes: Float64Array },
): number {
  const own = o.labels[o.i];
  if (o.sizes[own] === 1) return 0;
  const sums = new Float64Array(o.sizes.length);
  for (let j = 0; j < squared.length; j++) sums[o.labels[j]] += Math.sqrt(squared[j]);
  const a = sums[own] / (o.sizes[own] - 1);
  const others = sums.map((sum, label) =>
    label === own || o.sizes[label] === 0 ? Infinity : sum / o.sizes[label]
  );
  const b = others.reduce((least, value) => Math.min(least, value), Infinity);
  return b === Infinity || Math.max(a, b) === 0 ? 0 : (b - a) / Math.max(a, b);
}

function classSizes(labels: Uint8Array): Float64Array {
  const sizes = new Float64Array(labels.reduce((top, label) => Math.max(top, label), 0) + 1);
  for (const label of labels) sizes[label]++;
  return sizes;
}
