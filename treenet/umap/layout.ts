/**
 * UMAP (McInnes, Healy and Melville 2018) in two dimensions, by umap-js from exact neighbours and a PCA.
 *
 * umap-js itself starts from random positions, so two of its layouts differ by their start. The start here is
 * umap-learn's `init="pca"`: scores on the first two components, scaled to at most 10, with normal noise of
 * 1e-4, each axis then stretched to 0 … 10. A seed decides that noise and the points that are pushed apart.
 *
 * @module
 */
import { UMAP } from "umap-js";
import { type Random, random } from "../random.ts";
import { principalScores } from "../linalg/pca.ts";
import { type Points, rowOf, type Space } from "./space.ts";

export interface LayoutOptions {
  readonly seed: number;
  /** Passes over the graph's edges. @default 500, umap-learn's for up to 10,000 points */
  readonly epochs?: number;
  /** Smallest distance between points of the layout. @default 0.1 */
  readonly minDist?: number;
  /** Called now and then between epochs; it may be awaited to yield. */
  readonly progress?: (done: number, total: number) => void | Promise<void>;
}

/** Numbers of these random streams, so that no other draw repeats them. */
const STREAM = { sampling: 0x0_04_a9, noise: 0x0_04_aa };
const EPOCHS_BETWEEN_REPORTS = 10;
/** Extent of the start on each axis, as in umap-learn; `NOISE` is the standard deviation of its noise. */
const EXTENT = 10;
const NOISE = 1e-4;

/** Points to lay out, with their distances and their start. */
export interface Prepared {
  readonly rows: number[][];
  readonly space: Space;
  /** Scores [n, 2], not yet scaled. */
  readonly scores: Float64Array;
}

/**
 * Prepares `points` for layouts of any seed.
 *
 * @throws {RangeError} if there are no more points than neighbours
 */
export function prepare(points: Points & { readonly x: Float32Array }, space: Space): Prepared {
  const { x, size } = points;
  const { count, neighbors } = space;
  if (count <= neighbors) {
    throw new RangeError(
      `Cannot lay out ${count} points: each needs ${neighbors} neighbours, take more images or fewer neighbours`,
    );
  }
  return {
    rows: Array.from({ length: count }, (_, i) => [...x.subarray(i * size, (i + 1) * size)]),
    space,
    scores: principalScores(x, { size, components: 2 }),
  };
}

/** Layout of prepared points by Euclidean distance, float32 [n, 2]. */
export async function layout(prepared: Prepared, options: LayoutOptions): Promise<Float32Array> {
  const { epochs = 500, minDist = 0.1, seed } = options;
  const { indices, distances } = neighbourhoods(prepared.space);
  const stream = random(seed, STREAM.sampling);
  const umap = new UMAP({
    nNeighbors: prepared.space.neighbors,
    nEpochs: epochs,
    minDist,
    nComponents: 2,
    random: () => stream.uniform(),
  });
  umap.setPrecomputedKNN(indices, distances);
  umap.initializeFit(prepared.rows);
  const start = scaledStart(prepared.scores, random(seed, STREAM.noise));
  // The optimiser moves these points in place.
  umap.getEmbedding().forEach((point, i) => [point[0], point[1]] = [start[2 * i], start[2 * i + 1]]);
  for (let epoch = 0; epoch < epochs; epoch++) {
    umap.step();
    if (epoch % EPOCHS_BETWEEN_REPORTS === 0) await options.progress?.(epoch, epochs);
  }
  return Float32Array.from(umap.getEmbedding().flat());
}

/** Start of a layout from scores [n, 2]: umap-learn's `noisy_scale_coords` and the stretch after it. */
export function scaledStart(scores: Float64Array, noise: Random): Float64Array {
  const largest = scores.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const noisy = scores.map((value) => EXTENT * value / largest + NOISE * noise.normal());
  const [x, y] = [0, 1].map((axis) => noisy.filter((_, i) => i % 2 === axis));
  const stretched = [x, y].map((values) => {
    const low = values.reduce((a, b) => Math.min(a, b), Infinity);
    const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
    return (value: number) => EXTENT * (value - low) / (high - low || 1);
  });
  return noisy.map((value, i) => stretched[i % 2](value));
}

/** Neighbours in UMAP's convention: each point is its own first neighbour. */
function neighbourhoods({ squared, nearest, count }: Space) {
  return {
    indices: nearest.map((others, i) => [i, ...others.slice(0, -1)]),
    distances: nearest.map((others, i) => {
      const row = rowOf(squared, i, count);
      return [0, ...others.slice(0, -1).map((j) => Math.sqrt(row[j]))];
    }),
  };
}
