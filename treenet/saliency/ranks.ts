/**
 * Agreement of two maps on any scale: Spearman's rank correlation, and overlap of the brightest pixels.
 *
 * @module
 */

/**
 * Ranks of `values`, shifted to mean 0 and scaled to length 1; equal values share their mean rank. The dot
 * product of two such vectors is Spearman's ρ. All are zero if the values are all equal.
 */
export function unitRanks(values: Float32Array): Float64Array {
  const ranks = mapRanks(values);
  const mean = (values.length - 1) / 2;
  let squares = 0;
  for (let i = 0; i < ranks.length; i++) squares += (ranks[i] - mean) ** 2;
  const length = Math.sqrt(squares);
  for (let i = 0; i < ranks.length; i++) ranks[i] = length === 0 ? 0 : (ranks[i] - mean) / length;
  return ranks;
}

/** Spearman's ρ from two vectors of {@linkcode unitRanks}. */
export function correlation(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** Marks the `share` brightest pixels of a map with 1; among equal pixels the earlier comes first. */
export function brightest(values: Float32Array, share: number): Uint8Array {
  const count = Math.max(1, Math.round(share * values.length));
  const threshold = values.toSorted()[values.length - count];
  const marks = new Uint8Array(values.length);
  let left = count;
  for (let i = 0; i < values.length; i++) {
    if (values[i] > threshold) {
      marks[i] = 1;
      left--;
    }
  }
  for (let i = 0; left > 0; i++) {
    if (values[i] === threshold) {
      marks[i] = 1;
      left--;
    }
  }
  return marks;
}

/** Intersection over union of two sets of marked pixels. */
export function overlap(a: Uint8Array, b: Uint8Array): number {
  let [both, either] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    both += a[i] & b[i];
    either += a[i] | b[i];
  }
  return both / either;
}

/**
 * Ranks of float32 values by one sort of float64 keys. A key joins a value's bits, changed so that they rise
 * with the value (32 bits), with its index (20 bits), within the 53 bits of a float64.
 */
function mapRanks(values: Float32Array): Float64Array {
  const keys = new Float64Array(values.length);
  const bits = new Uint32Array(values.map((value) => value + 0).buffer); // −0 + 0 is 0
  for (let i = 0; i < keys.length; i++) {
    keys[i] = ((bits[i] ^ (bits[i] >>> 31 === 1 ? 0xffffffff : 0x80000000)) >>> 0) * PLACES + i;
  }
  keys.sort();
  const ranks = new Float64Array(values.length);
  for (let begin = 0, end = 0; begin < keys.length; begin = end) {
    const value = values[keys[begin] % PLACES];
    while (end < keys.length && values[keys[end] % PLACES] === value) end++;
    for (let i = begin; i < end; i++) ranks[keys[i] % PLACES] = (begin + end - 1) / 2;
  }
  return ranks;
}

const PLACES = 2 ** 20;
