/**
 * The upper tail of the standard normal distribution.
 *
 * @module
 */

/** Coefficients of a Chebyshev fit to log erfc (Press et al., _Numerical Recipes in C_, 1992, section 6.2). */
const FIT = [
  -1.26551223,
  1.00002368,
  0.37409196,
  0.09678418,
  -0.18628806,
  0.27886807,
  -1.13520398,
  1.48851587,
  -0.82215223,
  0.17087277,
];

/** P(Z > z) with a relative error below 2e-7, however small it is. */
export function normalTail(z: number): number {
  const x = Math.abs(z) * Math.SQRT1_2;
  const t = 1 / (1 + x / 2);
  const tail = t / 2 * Math.exp(FIT.reduceRight((sum, each) => sum * t + each) - x * x);
  return z >= 0 ? tail : 1 - tail;
}

/** The z with P(Z > z) = tail, by bisection. */
export function normalQuantile(tail: number): number {
  let [low, high] = [-40, 40];
  while (high - low > 1e-9) {
    const middle = (low + high) / 2;
    if (normalTail(middle) > tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
