/**
 * Which leaves the figures show. Leaves are never picked by how their maps look: only by category and measures.
 *
 * @module
 */
import type { Category, LeafReport } from "./categories.ts";

/** A leaf and what a legend says about it. */
export interface ShownLeaf {
  readonly leaf: number;
  /** Undefined for the only path of a net that is no tree. */
  readonly category?: Category;
}

export type Kind = "specialist" | "generalist" | "failed learner";

/** A leaf of each of {@linkcode KINDS}; undefined where the kind has none left. */
export type Triple = readonly (ShownLeaf | undefined)[];

/** The kinds that an overlay wants one of each. */
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
 * Up to `count` triples, and as many as the largest kind has leaves. Specialists go by concentration, consistent ones
 * first, generalists by their probe's accuracy, failed learners from the worst, all on the selection half.
 */
export function overlayTriples(
  leaves: readonly LeafReport[],
  count: number,
): readonly Triple[] {
  const queues = KINDS.map((kind) => queueOf(leaves, kind));
  const rows = Math.min(count, Math.max(...queues.map((queue) => queue.length)));
  return Array.from({ length: rows }, (_, row) => queues.map((queue) => queue[row]));
}

/** Up to `count` consistent specialists, the most consistent first; where there is none, of all leaves. */
export function consistentLeaves(leaves: readonly LeafReport[], count: number): readonly ShownLeaf[] {
  const specialists = leaves.filter(({ category }) => category === "consistent specialist");
  const from = specialists.length > 0 ? specialists : leaves;
  return from.toSorted((a, b) => follows(b) - follows(a) || a.leaf - b.leaf).slice(0, count).map(shown);
}

/** How well a leaf's maps follow flips and jitter: the worse of the two correlations, on the selection half. */
function follows({ selection: { consistency } }: LeafReport): number {
  return Math.min(consistency.flipCorrelation, consistency.jitterCorrelation);
}

function queueOf(leaves: readonly LeafReport[], kind: Kind): readonly ShownLeaf[] {
  const merit = (leaf: LeafReport) => {
    switch (kind) {
      case "specialist":
        return leaf.selection.concentration + (leaf.consistent ? 1 : 0); // a concentration is at most 1
      case "generalist":
        return leaf.selection.accuracy;
      case "failed learner":
        return -leaf.selection.accuracy;
    }
  };
  return leaves.filter(({ category }) => kindOf(category) === kind)
    .toSorted((a, b) => merit(b) - merit(a) || a.leaf - b.leaf)
    .map(shown);
}

function shown({ leaf, category }: LeafReport): ShownLeaf {
  return { leaf, category };
}
