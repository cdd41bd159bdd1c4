/**
 * A set of points with its geometry: exact Euclidean distances, and the nearest neighbours of each point.
 *
 * @module
 */

/** n points, row-major. */
export interface Points {
  /** [n, size] */
  readonly x: Float32Array | Float64Array;
  readonly size: number;
}

/** Distances and neighbours of points, computed once for all their measures and layouts. */
export interface Space {
  /** n */
  readonly count: number;
  /** k */
  readonly neighbors: number;
  /** Squared distances [n, n]. */
  readonly squared: Float64Array;
  /** [n][k], nearest first, without the point itself; among equals the lower number first. */
  readonly nearest: readonly (readonly number[])[];
}

/** Measures the points, in n² time and memory. */
export function spaceOf(points: Points, neighbors: number): Space {
  const count = points.x.length / points.size;
  const squared = squaredDistances(points, count);
  const nearest = Array.from({ length: count }, (_, i) => nearestOf(rowOf(squared, i, count), i, neighbors));
  return { count, neighbors, squared, nearest };
}

/** Squared distances of point `i` to all, [n]. */
export function rowOf(squared: Float64Array, i: number, count: number): Float64Array {
  return squared.subarray(i * count, (i + 1) * count);
}

function squaredDistances({ x, size }: Points, count: number): Float64Array {
  const values = Float64Array.from(x);
  const out = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let a = i * size, b = j * size, end = a + size; a < end; a++, b++) {
        const difference = values[a] - values[b];
        sum += difference * difference;
      }
      out[i * count + j] = sum;
      out[j * count + i] = sum;
    }
  }
  return out;
}

function nearestOf(distances: Float64Array, i: number, k: number): readonly number[] {
  const best: number[] = [];
  for (let j = 0; j < distances.length; j++) {
    if (j === i || (best.length === k && distances[j] >= distances[best[k - 1]])) continue;
    let at = best.length === k ? k - 1 : best.length;
    for (; at > 0 && distances[best[at - 1]] > distances[j]; at--) best[at] = best[at - 1];
    best[at] = j;
  }
  return best;
}

/** Rank of point `j` among the neighbours of `i`: 1 for the nearest; among equals the lower number first. */
export function rankOf(distances: Float64Array, i: number, j: number): number {
  const own = distances[j];
  let rank = 1;
  for (let l = 0; l < distances.length; l++) {
    if (l !== i && (distances[l] < own || (distances[l] === own && l < j))) rank++;
  }
  return rank;
}
