/**
 * Overlap of the saliency maps of different leaves on the same image: low where leaves look at different parts of it.
 *
 * @module
 */
import { brightest, correlation, overlap, unitRanks } from "../saliency/ranks.ts";

/** Means over all pairs of leaves, an entry an image. */
export interface MapOverlap {
  /** Spearman's ρ. */
  readonly spearman: Float64Array;
  /** Intersection over union of the brightest tenths. */
  readonly iou: Float64Array;
}

const BRIGHTEST = 0.1;

/** @param maps [n, m, H, W], m at least 2; `pixels` is H · W. */
export function mapOverlap(
  maps: Float32Array,
  { leaves, pixels }: { readonly leaves: number; readonly pixels: number },
): MapOverlap {
  const n = maps.length / (leaves * pixels);
  const [spearman, iou] = [new Float64Array(n), new Float64Array(n)];
  for (let image = 0; image < n; image++) {
    const each = Array.from({ length: leaves }, (_, leaf) => {
      const from = (image * leaves + leaf) * pixels;
      return maps.subarray(from, from + pixels);
    });
    spearman[image] = meanOverPairs(each.map(unitRanks), correlation);
    iou[image] = meanOverPairs(each.map((map) => brightest(map, BRIGHTEST)), overlap);
  }
  return { spearman, iou };
}

function meanOverPairs<T>(all: readonly T[], compare: (a: T, b: T) => number): number {
  const pairs = all.flatMap((a, i) => all.slice(0, i).map((b) => compare(a, b)));
  return pairs.reduce((sum, value) => sum + value, 0) / pairs.length;
}
