/**
 * The claim that leaves are of three kinds (6 of docs/claims.md).
 *
 * @module
 */
import type { Outcome } from "../statistics/outcome.ts";
import { leastSeeds } from "./claim.ts";

export const kinds = ["specialist", "generalist", "failed"] as const;
export type Kind = typeof kinds[number];

/** Leaves of one tree. */
export interface KindsOfTree {
  /** Number of leaves of each kind. */
  readonly leaves: Readonly<Record<Kind, number>>;
  /** Probability with which a leaf that gains three times as much on one class as on the others is called a specialist. */
  readonly power: number;
}

/** The claim with the numbers it rests on. */
export interface KindsClaim {
  readonly outcome: Outcome;
  /** Trees in which each kind occurs. */
  readonly found: Readonly<Record<Kind, number>>;
  readonly trees: number;
  /** Trees in which a kind has to occur. */
  readonly needed: number;
}

/** Chance at which a tree of even learners may have a specialist. */
const CHANCE = 0.05;
const LEVEL = 0.05;
const POWER = 0.8;

/** All three kinds occur more often than by chance. */
export function kindsClaim(trees: readonly KindsOfTree[]): KindsClaim {
  const counted = kinds.map((kind) => [kind, trees.filter(({ leaves }) => leaves[kind] > 0).length] as const);
  const facts = {
    found: Object.fromEntries(counted) as Record<Kind, number>,
    trees: trees.length,
    needed: leastBeyondChance(trees.length),
  };
  return { ...facts, outcome: outcomeOf(trees, facts) };
}

function outcomeOf(
  trees: readonly KindsOfTree[],
  { found, needed }: Omit<KindsClaim, "outcome">,
): Outcome {
  if (trees.length < leastSeeds.ranked) return "not tested";
  const counts = Object.values(found);
  if (counts.every((count) => count >= needed)) return "supported";
  const seen = trees.every(({ power }) => power >= POWER);
  return counts.includes(0) && seen ? "contradicted" : "undecided";
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
