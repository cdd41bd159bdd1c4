/**
 * Unevenness of what leaves gained over classes, without the share that noise has in it.
 *
 * With the gains g of leaf l on C classes and their standard errors s, it is the squared coefficient of variation
 *
 *     Σ_l [Σ_c (g − ḡ)² / (C − 1) − Σ_c s² / C] / Σ_l ḡ²
 *
 * 0 for leaves that gain evenly, C for leaves that gain on one class alone.
 *
 * @module
 */

/** Gains of one leaf, by class, with their standard errors. */
export interface LeafGains {
  readonly gains: readonly number[];
  readonly errors: readonly number[];
}

export function unevenness(leaves: readonly LeafGains[]): number {
  const spread = leaves.map(({ gains, errors }) => variance(gains) - mean(errors.map((error) => error ** 2)));
  const level = leaves.map(({ gains }) => mean(gains) ** 2);
  return sum(spread) / sum(level);
}

function variance(values: readonly number[]): number {
  const centre = mean(values);
  return sum(values.map((value) => (value - centre) ** 2)) / (values.length - 1);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
