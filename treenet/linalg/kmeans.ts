/**
 * K-means by Lloyd's algorithm (1982): assign every row to its nearest centroid, then move every centroid to
 * the mean of its rows.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { permutation, type Random } from "../random.ts";
import type { Ops } from "../nn/types.ts";

export interface KmeansOptions {
  readonly ops: Ops;
  /** Length of a row. */
  readonly size: number;
  /** K */
  readonly centroids: number;
  readonly iterations: number;
  /** Random stream that draws the rows to start from. */
  readonly stream: Random;
  /** Called after each iteration; it may be awaited to yield. */
  readonly progress?: (done: number) => void | Promise<void>;
}

/** Number of rows compared at once. */
const BATCH = 20_000;

/** Centroids [K, size] of rows [n, size]. A centroid that loses all its rows stays where it is. */
export async function kmeans(rows: Float32Array, options: KmeansOptions): Promise<Float32Array> {
  const { size, centroids, iterations } = options;
  const count = rows.length / size;
  if (count < centroids) {
    throw new RangeError(
      `Cannot find ${centroids} centroids of ${count} rows, expected at least as many rows`,
    );
  }
  const starts = permutation(count, options.stream).subarray(0, centroids);
  const at = new Float32Array(centroids * size);
  starts.forEach((row, k) => at.set(rows.subarray(row * size, (row + 1) * size), k * size));
  for (let iteration = 0; iteration < iterations; iteration++) {
    move(at, { rows, nearest: await assign(rows, at, options), size });
    await options.progress?.(iteration + 1);
  }
  return at;
}

/** Nearest centroid of every row, the lowest among equals: argmin ‖x − c‖² = argmax x·c − ‖c‖²/2. */
export async function assign(
  rows: Float32Array,
  centroids: Float32Array,
  { ops, size }: Pick<KmeansOptions, "ops" | "size">,
): Promise<Int32Array> {
  const [count, k] = [rows.length / size, centroids.length / size];
  const halves = Float64Array.from({ length: k }, (_, c) => {
    let squares = 0;
    for (let j = 0; j < size; j++) squares += centroids[c * size + j] ** 2;
    return squares / 2;
  });
  const nearest = new Int32Array(count);
  const columns = tf.tidy(() => tf.transpose(tf.tensor2d(centroids, [k, size])));
  for (let from = 0; from < count; from += BATCH) {
    const part = rows.subarray(from * size, (from + BATCH) * size);
    const products = tf.tidy(() => ops.matMul(tf.tensor2d(part, [part.length / size, size]), columns));
    const values = await products.data();
    products.dispose();
    for (let i = 0; i < part.length / size; i++) {
      let [best, highest] = [0, -Infinity];
      for (let c = 0; c < k; c++) {
        const score = values[i * k + c] - halves[c];
        if (score > highest) [best, highest] = [c, score];
      }
      nearest[from + i] = best;
    }
  }
  columns.dispose();
  return nearest;
}

function move(
  centroids: Float32Array,
  { rows, nearest, size }: {
    readonly rows: Float32Array;
    readonly nearest: Int32Array;
    readonly size: number;
  },
): void {
  const sums = new Float64Array(centroids.length);
  const counts = new Int32Array(centroids.length / size);
  nearest.forEach((centroid, row) => {
    counts[centroid]++;
    for (let j = 0; j < size; j++) sums[centroid * size + j] += rows[row * size + j];
  });
  for (let i = 0; i < centroids.length; i++) {
    const count = counts[Math.floor(i / size)];
    if (count > 0) centroids[i] = sums[i] / count;
  }
}
