/**
 * Agreement of two maps whatever their scale: Spearman's rank correlation, and the overlap of their brightest pixels.
 *
 * @module
 */

/**
 * Ranks of `values`, equal ones sharing their mean rank, shifted to mean 0 and scaled to length 1: the dot product of
 * two such vectors is Spearman's ρ. All zero where the values do not differ.
 */
export function unitRanks(values: Float32Array): Float64Array {
  const ranks = meanRanks(values);
  const mean = (values.length - 1) / 2;
  const length = Math.sqrt(ranks.reduce((sum, rank) => sum + (rank - mean) ** 2, 0));
  return ranks.map((rank) => length === 0 ? 0 : (rank - mean) / length);
}

/** Spearman's ρ from two vectors of {@linkcode unitRanks}. */
export function correlation(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** Intersection over union of the `share` brightest pixels of two maps; the earlier pixel first of equals. */
export function topOverlap(a: Float32Array, b: Float32Array, share: number): number {
  const count = Math.max(1, Math.round(share * a.length));
  const first = new Set(brightest(a, count));
  const shared = brightest(b, count).filter((pixel) => first.has(pixel)).length;
  return shared / (2 * count - shared);
}

/** Ranks from 0, equal values sharing their mean. */
export function meanRanks(values: ArrayLike<number>): Float64Array {
  const sorted = Float64Array.from(values).sort(); // by the machine's own order of numbers: no call a comparison
  return Float64Array.from(
    values,
    (value) => (boundOf(sorted, value, 0) + boundOf(sorted, value, 1) - 1) / 2,
  );
}

/** How many of the sorted values are below `value`, or (`equal` 1) not above it. */
function boundOf(sorted: Float64Array, value: number, equal: 0 | 1): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value || (equal === 1 && sorted[middle] === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function brightest(values: Float32Array, count: number): readonly number[] {
  const threshold = values.toSorted()[values.length - count];
  const pixels = [...values.keys()];
  const above = pixels.filter((pixel) => values[pixel] > threshold);
  const level = pixels.filter((pixel) => values[pixel] === threshold);
  return [...above, ...level.slice(0, count - above.length)];
}
