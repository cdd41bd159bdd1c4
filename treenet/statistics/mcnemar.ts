/**
 * McNemar's test (1947) of two classifiers on the same images, exact and one-sided. Images on which both are right, or both
 * wrong, say nothing; if neither is better, the others fall to either side like tosses of a fair coin.
 *
 * @module
 */

/** Images on which exactly one of two classifiers is right. */
export interface McNemar {
  /** d, their number. */
  readonly discordant: number;
  /** Those on which the first is right. */
  readonly better: number;
  /** P(B ≥ better) for B binomial with d tosses of a fair coin. */
  readonly p: number;
}

/** Tests whether `one` is right more often than `other`; both are 1 where right, else 0. */
export function mcnemar(one: Uint8Array, other: Uint8Array): McNemar {
  let [better, discordant] = [0, 0];
  one.forEach((right, image) => {
    if (right === other[image]) return;
    discordant++;
    better += right;
  });
  return { discordant, better, p: headsAtLeast(better, discordant) };
}

/** P(B ≥ heads), from the logarithms of its terms: 2⁻ᵈ alone is no float64 from d = 1,075 on. */
function headsAtLeast(heads: number, tosses: number): number {
  let [term, sum] = [-tosses * Math.LN2, 0]; // log of P(B = tosses)
  for (let k = tosses; k >= heads; k--) {
    sum += Math.exp(term);
    term += Math.log(k) - Math.log(tosses - k + 1);
  }
  return Math.min(1, sum);
}
