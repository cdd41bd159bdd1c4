/**
 * Exact Euclidean neighbours, one row of the distance matrix at a time.
 *
 * @module
 */

/** n points, row-major. */
export interface Points {
  /** [n, size] */
  readonly x: Float32Array | Float64Array;
  readonly size: number;
}

export function countOf(points: Points): number {
  return points.x.length / points.size;
}

/** Squared distances of point `i` to all, [n], written into `out`. */
export function squaredDistances({ x, size }: Points, i: number, out: Float64Array): Float64Array {
  const from = i * size;
  for (let j = 0, at = 0; j < out.length; j++) {
    let sum = 0;
    for (let k = 0; k < size; k++, at++) sum += (x[from + k] - x[at]) ** 2;
    out[j] = sum;
  }
  return out;
}

/** The `k` points nearest to `i`, itself excluded, nearest first; the lower number first of equals. */
export function nearest(distances: Float64Array, i: number, k: number): readonly number[] {
  const best: number[] = [];
  for (let j = 0; j < distances.length; j++) {
    if (j === i || (best.length === k && distances[j] >= distances[best[k - 1]])) continue;
    let at = best.length === k ? k - 1 : best.length;
    for (; at > 0 && distances[best[at - 1]] > distances[j]; at--) best[at] = best[at - 1];
    best[at] = j;
  }
  return best;
}

/** Place of point `j` among the neighbours of `i`: 1 for the nearest; the lower number first of equals. */
export function rankOf(distances: Float64Array, i: number, j: number): number {
  const own = distances[j];
  let rank = 1;
  for (let l = 0; l < distances.length; l++) {
    if (l !== i && (distances[l] < own || (distances[l] === own && l < j))) rank++;
  }
  return rank;
}
