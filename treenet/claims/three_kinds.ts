/**
 * The claim that leaves are of three kinds (6 of docs/claims.md).
 *
 * @module
 */
import { type Outcome, together } from "../statistics/outcome.ts";
import { type Claim, leastSeeds, type Part } from "./claim.ts";

export const kinds = ["specialist", "generalist", "failed"] as const;
export type Kind = typeof kinds[number];

const names: Readonly<Record<Kind, string>> = {
  specialist: "specialist",
  generalist: "generalist",
  failed: "failed learner",
};

/** Leaves of one tree. */
export interface KindsOfTree {
  /** Number of leaves of each kind. */
  readonly leaves: Readonly<Record<Kind, number>>;
  /** Probability with which a leaf that gains three times as much on one class as on the others is called a specialist. */
  readonly power: number;
}

/** Chance at which a tree of even learners may have a specialist. */
const CHANCE = 0.05;
const LEVEL = 0.05;
const POWER = 0.8;

/** All three kinds occur more often than by chance. */
export function kindsClaim(trees: readonly KindsOfTree[]): Claim {
  const parts = kinds.map((kind): Part => {
    const found = trees.filter(({ leaves }) => leaves[kind] > 0).length;
    return {
      quantity: `trees with a ${names[kind]}`,
      unit: "trees",
      ...trees.length > 0 && { estimate: { mean: found, interval: [found, found], seeds: trees.length } },
      outcome: outcomeOf(found, trees),
    };
  });
  return { outcome: together(parts.map(({ outcome }) => outcome)), parts };
}

function outcomeOf(found: number, trees: readonly KindsOfTree[]): Outcome {
  if (trees.length < leastSeeds.ranked) return "not tested";
  if (found >= leastBeyondChance(trees.length)) return "supported";
  return found === 0 && trees.every(({ power }) => power >= POWER) ? "contradicted" : "undecided";
}

/** The smallest k with P(X ≥ k) ≤ 5% for X binomial of n draws with probability 5%; n + 1 where there is none. */
export function leastBeyondChance(n: number): number {
  let tail = 1;
  for (let k = 0; k <= n; k++) {
    if (tail <= LEVEL) return k;
    tail -= binomial(n, k) * CHANCE ** k * (1 - CHANCE) ** (n - k);
  }
  return n + 1;
}

function binomial(n: number, k: number): number {
  let value = 1;
  for (let i = 1; i <= k; i++) value *= (n - k + i) / i;
  return value;
}
