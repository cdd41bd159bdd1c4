/**
 * The loops of the parameter update, with the bits that `optimiser.ts` gives: in float64, rounded where it is stored. Arrays
 * have n numbers at any address; past their end it is read, never written.
 */

const BETA1: f64 = 0.9, BETA2: f64 = 0.999, EPSILON: f64 = 1e-8; // as in optimiser.ts

/** Σ x², in four sums; what is left of the last four goes to the first. */
export function squares(x: usize, n: i32): f64 {
  let ab = f64x2.splat(0), cd = f64x2.splat(0);
  for (; n >= 4; n -= 4, x += 16) {
    const v = v128.load(x), l = low(v), h = high(v);
    ab = f64x2.add(ab, f64x2.mul(l, l));
    cd = f64x2.add(cd, f64x2.mul(h, h));
  }
  let a = f64x2.extract_lane(ab, 0);
  for (; n > 0; n--, x += 4) {
    const v = <f64>load<f32>(x);
    a += v * v;
  }
  return (a + f64x2.extract_lane(ab, 1)) + (f64x2.extract_lane(cd, 0) + f64x2.extract_lane(cd, 1));
}

/** x ← factor · x */
export function scale(x: usize, n: i32, factor: f64): void {
  const f = f64x2.splat(factor);
  for (; n > 0; n -= 4, x += 16) {
    const v = v128.load(x);
    put(x, rounded(f64x2.mul(low(v), f), f64x2.mul(high(v), f)), n);
  }
}

/** See optimiser.ts. */
export function adamw(
  weights: usize, first: usize, second: usize, gradient: usize, n: i32, keep: f64, step: f64, correction: f64,
): void {
  for (; n > 0; n -= 4, weights += 16, first += 16, second += 16, gradient += 16) {
    const w = v128.load(weights), g = v128.load(gradient), gl = low(g), gh = high(g);
    const f = v128.load(first), ml = mixed(low(f), BETA1, gl), mh = mixed(high(f), BETA1, gh);
    const s = v128.load(second), vl = mixedSquare(low(s), gl), vh = mixedSquare(high(s), gh);
    put(first, rounded(ml, mh), n);
    put(second, rounded(vl, vh), n);
    const l = f64x2.mul(low(w), f64x2.splat(keep)), h = f64x2.mul(high(w), f64x2.splat(keep));
    put(weights, rounded(
      f64x2.sub(l, move(ml, vl, step, correction)),
      f64x2.sub(h, move(mh, vh, step, correction)),
    ), n);
  }
}

/** average ← τ average + (1 − τ) values */
export function ema(average: usize, values: usize, n: i32, momentum: f64): void {
  for (; n > 0; n -= 4, average += 16, values += 16) {
    const a = v128.load(average), v = v128.load(values);
    put(average, rounded(mixed(low(a), momentum, low(v)), mixed(high(a), momentum, high(v))), n);
  }
}

/** β old + (1 − β) value */
// @ts-ignore: decorator
@inline
function mixed(old: v128, beta: f64, value: v128): v128 {
  return f64x2.add(f64x2.mul(f64x2.splat(beta), old), f64x2.mul(f64x2.splat(1 - beta), value));
}

/** β₂ old + (1 − β₂) g² */
// @ts-ignore: decorator
@inline
function mixedSquare(old: v128, g: v128): v128 {
  const square = f64x2.mul(f64x2.mul(f64x2.splat(1 - BETA2), g), g);
  return f64x2.add(f64x2.mul(f64x2.splat(BETA2), old), square);
}

// @ts-ignore: decorator
@inline
function move(m: v128, v: v128, step: f64, correction: f64): v128 {
  const root = f64x2.mul(f64x2.sqrt(v), f64x2.splat(correction));
  return f64x2.div(f64x2.mul(f64x2.splat(step), m), f64x2.add(root, f64x2.splat(EPSILON)));
}

/** The first two numbers of four. */
// @ts-ignore: decorator
@inline
function low(v: v128): v128 {
  return f64x2.promote_low_f32x4(v);
}

// @ts-ignore: decorator
@inline
function high(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3));
}

// @ts-ignore: decorator
@inline
function rounded(l: v128, h: v128): v128 {
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(l), f32x4.demote_f64x2_zero(h), 0, 1, 4, 5);
}

/** Stores the first n of four numbers, or all. */
// @ts-ignore: decorator
@inline
function put(at: usize, v: v128, n: i32): void {
  if (n >= 4) {
    v128.store(at, v);
  } else {
    v128.store_lane<f32>(at, v, 0);
    if (n > 1) v128.store_lane<f32>(at, v, 1, 4);
    if (n > 2) v128.store_lane<f32>(at, v, 2, 8);
  }
}
