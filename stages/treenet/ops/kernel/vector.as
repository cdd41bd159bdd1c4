/**
 * Shared by the kernels. One multiplication, one addition: a fused one would round differently from CPU to CPU, and is
 * for kernel_fma.wasm only.
 */

/** a · b + c */
// @ts-ignore: decorator
@inline
export function mad(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** Whether {@link mad} rounds once here: (1 + 2⁻¹²)² − (1 + 2⁻¹¹) is 2⁻²⁴ then, else 0. */
export function fuses(one: f32): bool {
  const x = one + <f32>(1.0 / 4096), y = f32x4.splat(x), z = f32x4.splat(-(one + <f32>(1.0 / 2048)));
  return f32x4.extract_lane(mad(y, y, z), 0) != 0;
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
