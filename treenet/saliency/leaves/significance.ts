/**
 * p-values of one leaf, and their correction for many leaves.
 *
 * @module
 */

/** A test of one leaf. */
export interface Tested {
  readonly p: number;
  /** p-value after Holm's correction over all leaves of the tree. */
  readonly adjusted: number;
}

/**
 * Adjusted p-values (Holm 1979): rejecting those of at most α makes the probability of any false rejection at
 * most α, whatever the dependence between the tests.
 */
export function holm(p: readonly number[]): readonly Tested[] {
  const order = [...p.keys()].sort((a, b) => p[a] - p[b] || a - b);
  const adjusted = new Array<number>(p.length);
  let least = 0;
  order.forEach((test, rank) => {
    least = Math.max(least, Math.min(1, (p.length - rank) * p[test]));
    adjusted[test] = least;
  });
  return p.map((value, test) => ({ p: value, adjusted: adjusted[test] }));
}

/**
 * p-value of a value among draws of its null: the share at least as large, the value itself included. The smallest there
 * is, 1 / (draws + 1), means "less than that".
 */
export function permutationP(value: number, chance: ArrayLike<number>): number {
  let above = 1;
  for (let i = 0; i < chance.length; i++) if (chance[i] >= value) above++;
  return above / (chance.length + 1);
}
