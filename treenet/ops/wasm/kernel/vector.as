/**
 * Shared by the kernels. One multiplication, one addition: a fused one would round differently from CPU to CPU.
 */

/** a · b + c */
// @ts-ignore: decorator
@inline
export function mad(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(f32x4.mul(a, b), c);
}

// @ts-ignore: decorator
@inline
export function mad64(a: v128, b: v128, c: v128): v128 {
  return f64x2.add(f64x2.mul(a, b), c);
}

/** Sum of the four lanes, pairwise. */
export function total(v: v128): f32 {
  return (f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1)) +
    (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}

/** Bytes of n floats. */
// @ts-ignore: decorator
@inline
export function floats(n: i32): usize {
  return (<usize>n) << 2;
}
