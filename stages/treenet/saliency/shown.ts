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
 * Up to `count` triples of different leaves, one of each kind where there is one left: specialists by concentration,
 * consistent ones first, generalists by their probe's accuracy, failed learners from the worst. A kind that has run
 * out is replaced by the next leaf of the kind with most leaves left. A tree of fewer than three leaves shows all.
 */
export function overlayTriples(
  leaves: readonly LeafReport[],
  count: number,
): readonly (readonly ShownLeaf[])[] {
  const queues = KINDS.map((kind) => queueOf(leaves, kind));
  const triples = Math.max(1, Math.min(count, Math.floor(leaves.length / KINDS.length)));
  return Array.from({ length: triples }, (_, done) => {
    const triple = queues.map((queue) => queue.shift());
    return triple.map((leaf) => leaf ?? substitute(queues, triples - done - 1)).filter((leaf) =>
      leaf !== undefined
    );
  });
}

/** Up to `count` consistent specialists, the most consistent first; where there is none, of all leaves. */
export function consistentLeaves(leaves: readonly LeafReport[], count: number): readonly ShownLeaf[] {
  const specialists = leaves.filter(({ category }) => category === "consistent specialist");
  const from = specialists.length > 0 ? specialists : leaves;
  return from.toSorted((a, b) => follows(b) - follows(a) || a.leaf - b.leaf).slice(0, count).map(shown);
}

/** How well a leaf's maps follow flips and jitter: the worse of the two correlations. */
function follows({ consistency }: LeafReport): number {
  return Math.min(consistency.flipCorrelation, consistency.jitterCorrelation);
}

function queueOf(leaves: readonly LeafReport[], kind: Kind): ShownLeaf[] {
  const merit = (leaf: LeafReport) => {
    switch (kind) {
      case "specialist":
        return leaf.concentration + (leaf.consistent ? 1 : 0); // a concentration is at most 1
      case "generalist":
        return leaf.accuracy;
      case "failed learner":
        return -leaf.accuracy;
    }
  };
  return leaves.filter(({ category }) => kindOf(category) === kind)
    .toSorted((a, b) => merit(b) - merit(a) || a.leaf - b.leaf)
    .map(shown);
}

/** Takes a leaf from the longest queue, keeping one for each of the triples to come where it can. */
function substitute(queues: ShownLeaf[][], toCome: number): ShownLeaf | undefined {
  const longest = queues.toSorted((a, b) => b.length - a.length)[0];
  return longest.splice(Math.min(toCome, longest.length - 1), 1)[0];
}

function shown({ leaf, category }: LeafReport): ShownLeaf {
  return { leaf, category };
}
