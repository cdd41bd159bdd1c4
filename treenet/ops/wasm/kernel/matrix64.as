/**
 * Products of a tall float64 matrix x [rows, columns] with a few columns, both multiples of 4, as are the widths.
 * Every sum runs in the order of its index.
 */
import { mad64 } from "./vector";

const BLOCK: i32 = 64; // rows that go through all columns together

// @ts-ignore: decorator
@inline
function doubles(n: i32): usize {
  return (<usize>n) << 3;
}

/** out [rows, width] = x · w, w packed as [width / 4][columns][4]. */
export function times64(x: usize, rows: i32, columns: i32, w: usize, width: i32, out: usize): void {
  for (let row = 0; row < rows; row += 4, x += doubles(4 * columns), out += doubles(4 * width)) {
    let panel = w;
    for (let c = 0; c < width; c += 4, panel += doubles(4 * columns)) {
      fourRows(x, columns, panel, out + doubles(c), doubles(width));
    }
  }
}

function fourRows(x: usize, columns: i32, w: usize, out: usize, stride: usize): void {
  const zero = f64x2.splat(0);
  let l0 = zero, l1 = zero, l2 = zero, l3 = zero, r0 = zero, r1 = zero, r2 = zero, r3 = zero;
  let p0 = x, p1 = p0 + doubles(columns), p2 = p1 + doubles(columns), p3 = p2 + doubles(columns);
  for (let k = 0; k < columns; k++, w += 32, p0 += 8, p1 += 8, p2 += 8, p3 += 8) {
    const l = v128.load(w), r = v128.load(w, 16);
    const a = v128.load64_splat(p0), b = v128.load64_splat(p1), c = v128.load64_splat(p2), d = v128.load64_splat(p3);
    l0 = mad64(a, l, l0);
    r0 = mad64(a, r, r0);
    l1 = mad64(b, l, l1);
    r1 = mad64(b, r, r1);
    l2 = mad64(c, l, l2);
    r2 = mad64(c, r, r2);
    l3 = mad64(d, l, l3);
    r3 = mad64(d, r, r3);
  }
  v128.store(out, l0); v128.store(out, r0, 16);
  v128.store(out + stride, l1); v128.store(out + stride, r1, 16);
  v128.store(out + 2 * stride, l2); v128.store(out + 2 * stride, r2, 16);
  v128.store(out + 3 * stride, l3); v128.store(out + 3 * stride, r3, 16);
}

/** out [columns, width] = xᵀ · r, r [rows, width]. */
export function transposedTimes64(x: usize, rows: i32, columns: i32, r: usize, width: i32, out: usize): void {
  memory.fill(out, 0, doubles(columns * width));
  for (let row = 0; row < rows; row += BLOCK) {
    const n = min(BLOCK, rows - row), from = x + <usize>row * doubles(columns), right = r + <usize>row * doubles(width);
    for (let k = 0; k < columns; k += 4) {
      for (let c = 0; c < width; c += 4) {
        fourColumns(from + doubles(k), n, columns, right + doubles(c), width, out + doubles(k * width + c));
      }
    }
  }
}

function fourColumns(x: usize, n: i32, columns: i32, right: usize, width: i32, out: usize): void {
  const o1 = out + doubles(width), o2 = o1 + doubles(width), o3 = o2 + doubles(width);
  let l0 = v128.load(out), l1 = v128.load(o1), l2 = v128.load(o2), l3 = v128.load(o3);
  let r0 = v128.load(out, 16), r1 = v128.load(o1, 16), r2 = v128.load(o2, 16), r3 = v128.load(o3, 16);
  for (; n > 0; n--, x += doubles(columns), right += doubles(width)) {
    const l = v128.load(right), r = v128.load(right, 16);
    let a = v128.load64_splat(x);
    l0 = mad64(a, l, l0);
    r0 = mad64(a, r, r0);
    a = v128.load64_splat(x, 8);
    l1 = mad64(a, l, l1);
    r1 = mad64(a, r, r1);
    a = v128.load64_splat(x, 16);
    l2 = mad64(a, l, l2);
    r2 = mad64(a, r, r2);
    a = v128.load64_splat(x, 24);
    l3 = mad64(a, l, l3);
    r3 = mad64(a, r, r3);
  }
  v128.store(out, l0); v128.store(o1, l1); v128.store(o2, l2); v128.store(o3, l3);
  v128.store(out, r0, 16); v128.store(o1, r1, 16); v128.store(o2, r2, 16); v128.store(o3, r3, 16);
}
