/**
 * The choice of the leaves that the figures show: by category and measures, never by the look of their maps.
 *
 * @module
 */
import type { Category, LeafReport } from "./leaves/categories.ts";

/** A leaf with its category for a legend. */
export interface ShownLeaf {
  readonly leaf: number;
  /** Undefined for the only path of a net that is not a tree. */
  readonly category?: Category;
}

export type Kind = "specialist" | "generalist" | "failed learner";

/** A leaf of each of {@linkcode KINDS}; undefined where no leaf of the kind is left. */
export type Triple = readonly (ShownLeaf | undefined)[];

/** Kinds of leaves in an overlay, one leaf of each. */
export const KINDS: readonly Kind[] = ["specialist", "generalist", "failed learner"];

export function kindOf(category: Category): Kind {
  switch (category) {
    case "consistent specialist":
    case "inconsistent specialist":
      return "specialist";
    case "failed":
      return "failed learner";
    case "generalist":
      return category;
  }
}

/**
 * Up to `count` triples, as many as the largest kind has leaves, all by the selection half. Specialists are
 * ordered by how far their classes stand out, consistent ones first, generalists by accuracy, failed learners from the worst.
 */
export function overlayTriples(
  leaves: readonly LeafReport[],
  count: number,
): readonly Triple[] {
  const queues = KINDS.map((kind) => queueOf(leaves, kind));
  const rows = Math.min(count, Math.max(...queues.map((queue) => queue.length)));
  return Array.from({ length: rows }, (_, row) => queues.map((queue) => queue[row]));
}

/** Up to `count` consistent specialists, the most consistent first; if there is none, of all leaves. */
export function consistentLeaves(leaves: readonly LeafReport[], count: number): readonly ShownLeaf[] {
  const specialists = leaves.filter(({ category }) => category === "consistent specialist");
  const from = specialists.length > 0 ? specialists : leaves;
  return from.toSorted((a, b) => follows(b) - follows(a) || a.leaf - b.leaf).slice(0, count).map(shown);
}

/** The worse of the correlations of a leaf's maps under flips and under jitter, on the selection half. */
function follows({ selection: { after: { consistency } } }: LeafReport): number {
  return Math.min(consistency.flipCorrelation, consistency.jitterCorrelation);
}

function queueOf(leaves: readonly LeafReport[], kind: Kind): readonly ShownLeaf[] {
  const merit = ({ selection: { after }, favoured }: LeafReport) => {
    switch (kind) {
      case "specialist":
        return favoured.statistic;
      case "generalist":
        return after.accuracy;
      case "failed learner":
        return -after.accuracy;
    }
  };
  const first = ({ category }: LeafReport) => category === "consistent specialist" ? 1 : 0;
  return leaves.filter(({ category }) => kindOf(category) === kind)
    .toSorted((a, b) => first(b) - first(a) || merit(b) - merit(a) || a.leaf - b.leaf)
    .map(shown);
}

function shown({ leaf, category }: LeafReport): ShownLeaf {
  return { leaf, category };
}
