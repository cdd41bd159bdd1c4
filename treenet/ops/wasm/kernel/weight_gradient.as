/**
 * The gradient of a convolution by its weights: for every tap and pair (input pixel, output pixel) it joins,
 * dw[tap] += input ⊗ gradient.
 *
 * A plan lists the pairs, all i32:
 *   taps × (pairs p, byte offset of the tap's pairs in the plan)
 * and a pair is
 *   byte offset into the input, byte offset into the gradient
 */
import { floats, mad } from "./vector";

/**
 * dw [taps, run, outputs] += Σ over pairs, for output channels [first, last) and taps [firstTap, lastTap).
 *
 * @param run     floats each tap reads, a multiple of 4
 * @param outputs a multiple of 4, as are `first` and `last`
 * @param block   pairs that go through all channels together
 */
export function weightGradient(
  plan: usize, firstTap: i32, lastTap: i32, input: usize, run: i32, gradient: usize, outputs: i32,
  first: i32, last: i32, dw: usize, block: i32,
): void {
  for (let from = 0, more = true; more; from += block) {
    more = false;
    for (let tap = firstTap; tap < lastTap; tap++) {
      const head = plan + floats(2 * tap);
      const n = min(block, load<i32>(head) - from);
      if (n <= 0) continue;
      more = true;
      const pairs = plan + load<u32>(head, 4) + floats(2 * from);
      outerProducts(pairs, n, input, run, gradient, outputs, first, last, dw + floats(tap * run * outputs));
    }
  }
}

function outerProducts(
  pairs: usize, n: i32, input: usize, run: i32, gradient: usize, outputs: i32, first: i32, last: i32, dw: usize,
): void {
  for (let i = 0; i < run; i += 4) {
    let o = first;
    for (; o + 8 <= last; o += 8) {
      fourByEight(pairs, n, input + floats(i), gradient + floats(o), dw + floats(i * outputs + o), floats(outputs));
    }
    if (o < last) {
      fourByFour(pairs, n, input + floats(i), gradient + floats(o), dw + floats(i * outputs + o), floats(outputs));
    }
  }
}

function fourByEight(pairs: usize, n: i32, input: usize, gradient: usize, dw: usize, stride: usize): void {
  const d0 = dw, d1 = d0 + stride, d2 = d1 + stride, d3 = d2 + stride;
  let l0 = v128.load(d0), l1 = v128.load(d1), l2 = v128.load(d2), l3 = v128.load(d3);
  let r0 = v128.load(d0, 16), r1 = v128.load(d1, 16), r2 = v128.load(d2, 16), r3 = v128.load(d3, 16);
  for (; n > 0; n--, pairs += 8) {
    const p = input + load<u32>(pairs), g = gradient + load<u32>(pairs, 4);
    const l = v128.load(g), r = v128.load(g, 16);
    const all = v128.load(p); // one load and shuffles: every load checks its bounds
    let x = v128.shuffle<f32>(all, all, 0, 0, 0, 0);
    l0 = mad(x, l, l0);
    r0 = mad(x, r, r0);
    x = v128.shuffle<f32>(all, all, 1, 1, 1, 1);
    l1 = mad(x, l, l1);
    r1 = mad(x, r, r1);
    x = v128.shuffle<f32>(all, all, 2, 2, 2, 2);
    l2 = mad(x, l, l2);
    r2 = mad(x, r, r2);
    x = v128.shuffle<f32>(all, all, 3, 3, 3, 3);
    l3 = mad(x, l, l3);
    r3 = mad(x, r, r3);
  }
  v128.store(d0, l0); v128.store(d1, l1); v128.store(d2, l2); v128.store(d3, l3);
  v128.store(d0, r0, 16); v128.store(d1, r1, 16); v128.store(d2, r2, 16); v128.store(d3, r3, 16);
}

function fourByFour(pairs: usize, n: i32, input: usize, gradient: usize, dw: usize, stride: usize): void {
  const d0 = dw, d1 = d0 + stride, d2 = d1 + stride, d3 = d2 + stride;
  let l0 = v128.load(d0), l1 = v128.load(d1), l2 = v128.load(d2), l3 = v128.load(d3);
  for (; n > 0; n--, pairs += 8) {
    const p = input + load<u32>(pairs), l = v128.load(gradient + load<u32>(pairs, 4));
    l0 = mad(v128.load32_splat(p), l, l0);
    l1 = mad(v128.load32_splat(p, 4), l, l1);
    l2 = mad(v128.load32_splat(p, 8), l, l2);
    l3 = mad(v128.load32_splat(p, 12), l, l3);
  }
  v128.store(d0, l0); v128.store(d1, l1); v128.store(d2, l2); v128.store(d3, l3);
}

/** sums [width] += Σ over pixels of x [pixels, width]: the gradient by a bias. */
export function columnSums(x: usize, pixels: i32, width: i32, sums: usize): void {
  for (let c = 0; c < width; c += 4) {
    let sum = v128.load(sums + floats(c)), at = x + floats(c);
    for (let p = 0; p < pixels; p++, at += floats(width)) sum = f32x4.add(sum, v128.load(at));
    v128.store(sums + floats(c), sum);
  }
}

/** to [n] += from [n], n a multiple of 4. */
export function accumulate(to: usize, from: usize, n: i32): void {
  for (const end = to + floats(n); to < end; to += 16, from += 16) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
  }
}

/** Writes `bytes` zeros. */
export function clear(at: usize, bytes: usize): void {
  memory.fill(at, 0, bytes);
}
