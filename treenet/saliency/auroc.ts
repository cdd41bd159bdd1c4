/**
 * Area under the ROC curve of one class against the rest.
 *
 * @module
 */
import { rankAmong } from "./ranks.ts";

/**
 * Probability that an image of the class scores above an image of another class, with ties counted half: Mann
 * and Whitney's U over the number of pairs. ½ where there is no image of the class or no other.
 *
 * @param scores [n, classes]
 */
export function auroc(
  scores: Float64Array,
  options: { readonly labels: Uint8Array; readonly label: number; readonly classes: number },
): number {
  const { labels, label, classes } = options;
  const column = Float64Array.from(labels, (_, i) => scores[i * classes + label]);
  const sorted = column.toSorted();
  let [own, sum] = [0, 0];
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] !== label) continue;
    own++;
    sum += rankAmong(sorted, column[i]) + 1;
  }
  const others = labels.length - own;
  if (own === 0 || others === 0) return 0.5;
  return (sum - own * (own + 1) / 2) / (own * others);
}

/** The AUROC of every class, [classes]. */
export function aurocs(
  scores: Float64Array,
  options: { readonly labels: Uint8Array; readonly classes: number },
): Float64Array {
  return Float64Array.from({ length: options.classes }, (_, label) => auroc(scores, { ...options, label }));
}
