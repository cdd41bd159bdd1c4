/**
 * UMAP (McInnes, Healy and Melville 2018) in two dimensions, by umap-js. Its random start and its sampling draw from
 * one seeded stream, so that the same points give the same layout.
 *
 * @module
 */
import { UMAP } from "umap-js";
import { random } from "../random.ts";

export interface LayoutOptions {
  readonly seed: number;
  /** @default 15 */
  readonly neighbors?: number;
  /** Smallest distance between points of the layout. @default 0.1 */
  readonly minDist?: number;
  /** Called now and then between epochs; may be awaited to yield. */
  readonly progress?: (done: number, total: number) => void | Promise<void>;
}

/** Names this use of the seed, so that no other draw repeats it. */
const STREAM = 0x0_04_a9;
const EPOCHS_BETWEEN_REPORTS = 10;

/**
 * Lays out `points` [n, size], row-major, by Euclidean distance: float32 [n, 2].
 *
 * @throws {RangeError} if there are no more points than neighbours
 */
export async function layout(
  points: Float32Array,
  size: number,
  options: LayoutOptions,
): Promise<Float32Array> {
  const { neighbors = 15, minDist = 0.1 } = options;
  const n = points.length / size;
  if (n <= neighbors) {
    throw new RangeError(
      `Cannot lay out ${n} points: each needs ${neighbors} neighbours, take more images or fewer neighbours`,
    );
  }
  const stream = random(options.seed, STREAM);
  const umap = new UMAP({ nNeighbors: neighbors, minDist, nComponents: 2, random: () => stream.uniform() });
  const epochs = umap.initializeFit(
    Array.from({ length: n }, (_, i) => [...points.subarray(i * size, (i + 1) * size)]),
  );
  for (let epoch = 0; epoch < epochs; epoch++) {
    umap.step();
    if (epoch % EPOCHS_BETWEEN_REPORTS === 0) await options.progress?.(epoch, epochs);
  }
  return Float32Array.from(umap.getEmbedding().flat());
}
