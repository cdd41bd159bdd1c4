/**
 * Area under the ROC curve of one class against the rest.
 *
 * @module
 */
import { meanRanks } from "./ranks.ts";

/**
 * The chance that an image of the class scores above one of another class, ties counting half: Mann and Whitney's U
 * over the number of pairs. ½ where either side is empty.
 *
 * @param scores [n, classes]
 */
export function auroc(
  scores: Float64Array,
  options: { readonly labels: Uint8Array; readonly label: number; readonly classes: number },
): number {
  const { labels, label, classes } = options;
  const ranks = meanRanks(Float64Array.from(labels, (_, i) => scores[i * classes + label]));
  const own = labels.reduce((count, each) => count + (each === label ? 1 : 0), 0);
  const others = labels.length - own;
  if (own === 0 || others === 0) return 0.5;
  const sum = ranks.reduce((total, rank, i) => total + (labels[i] === label ? rank + 1 : 0), 0);
  return (sum - own * (own + 1) / 2) / (own * others);
}

/** The AUROC of every class, [classes]. */
export function aurocs(
  scores: Float64Array,
  options: { readonly labels: Uint8Array; readonly classes: number },
): Float64Array {
  return Float64Array.from({ length: options.classes }, (_, label) => auroc(scores, { ...options, label }));
}
