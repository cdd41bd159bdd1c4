/**
 * Concentration of a leaf's gain on few classes; it describes a leaf, no category rests on it.
 *
 * @module
 */

/**
 * 1 − H(g² / Σg²) / log(classes): 1 where one class has the whole gain, 0 where all classes have equal gains,
 * and 0 without a gain; a loss counts as none. The gains are squared because a leaf that knows one of ten classes perfectly
 * and nothing else also raises the one-against-rest AUROC of each other class, by up to 1/18: in all as much.
 */
export function concentration(gains: Float64Array): number {
  const squares = gains.map((gain) => Math.max(0, gain) ** 2);
  const total = squares.reduce((sum, square) => sum + square, 0);
  if (total === 0) return 0;
  const entropy = squares.reduce((sum, square) => {
    const p = square / total;
    return p > 0 ? sum - p * Math.log(p) : sum;
  }, 0);
  return 1 - entropy / Math.log(gains.length);
}
