/**
 * The 16 matrix products of Winograd's form (tiles.as), and its weights.
 *
 * Weights G g Gᵀ are packed as [16][panel of 8 columns][run][8].
 */
import { floats, mad } from "./vector";

const SQUARE: i32 = 16;
const ROWS: i32 = 5; // × 8 columns and their operands fit the registers a kernel has

/**
 * out [16][capacity][width] = v [16][capacity][run] · w, of the first `rows` rows rounded up to a multiple of 5, which
 * `capacity` is.
 *
 * @param run   floats of a row, a multiple of 4
 * @param width a multiple of 4
 */
export function products(v: usize, rows: i32, capacity: i32, run: i32, w: usize, width: i32, out: usize): void {
  const panels = (width + 7) / 8, panelBytes = floats(8 * run), row = floats(width);
  for (let k = 0; k < SQUARE; k++) {
    for (let panel = 0; panel < panels; panel++, w += panelBytes) {
      const narrow = panel * 8 + 8 > width;
      let from = v, to = out + floats(8 * panel);
      for (let n = rows; n > 0; n -= ROWS, from += floats(ROWS * run), to += ROWS * row) {
        fiveRows(from, run, w, to, row, narrow);
      }
    }
    v += floats(capacity * run);
    out += floats(capacity * width);
  }
}

function fiveRows(x: usize, run: i32, w: usize, out: usize, row: usize, narrow: bool): void {
  const zero = f32x4.splat(0), stride = floats(run);
  let l0 = zero, l1 = zero, l2 = zero, l3 = zero, l4 = zero, r0 = zero, r1 = zero, r2 = zero, r3 = zero, r4 = zero;
  let p0 = x, p1 = p0 + stride, p2 = p1 + stride, p3 = p2 + stride, p4 = p3 + stride;
  let l: v128, r: v128, s: v128;
  for (; run > 0; run -= 4) {
    l = v128.load(w); r = v128.load(w, 16);
    s = v128.load32_splat(p0); l0 = mad(s, l, l0); r0 = mad(s, r, r0);
    s = v128.load32_splat(p1); l1 = mad(s, l, l1); r1 = mad(s, r, r1);
    s = v128.load32_splat(p2); l2 = mad(s, l, l2); r2 = mad(s, r, r2);
    s = v128.load32_splat(p3); l3 = mad(s, l, l3); r3 = mad(s, r, r3);
    s = v128.load32_splat(p4); l4 = mad(s, l, l4); r4 = mad(s, r, r4);
    l = v128.load(w, 32); r = v128.load(w, 48);
    s = v128.load32_splat(p0, 4); l0 = mad(s, l, l0); r0 = mad(s, r, r0);
    s = v128.load32_splat(p1, 4); l1 = mad(s, l, l1); r1 = mad(s, r, r1);
    s = v128.load32_splat(p2, 4); l2 = mad(s, l, l2); r2 = mad(s, r, r2);
    s = v128.load32_splat(p3, 4); l3 = mad(s, l, l3); r3 = mad(s, r, r3);
    s = v128.load32_splat(p4, 4); l4 = mad(s, l, l4); r4 = mad(s, r, r4);
    l = v128.load(w, 64); r = v128.load(w, 80);
    s = v128.load32_splat(p0, 8); l0 = mad(s, l, l0); r0 = mad(s, r, r0);
    s = v128.load32_splat(p1, 8); l1 = mad(s, l, l1); r1 = mad(s, r, r1);
    s = v128.load32_splat(p2, 8); l2 = mad(s, l, l2); r2 = mad(s, r, r2);
    s = v128.load32_splat(p3, 8); l3 = mad(s, l, l3); r3 = mad(s, r, r3);
    s = v128.load32_splat(p4, 8); l4 = mad(s, l, l4); r4 = mad(s, r, r4);
    l = v128.load(w, 96); r = v128.load(w, 112);
    s = v128.load32_splat(p0, 12); l0 = mad(s, l, l0); r0 = mad(s, r, r0);
    s = v128.load32_splat(p1, 12); l1 = mad(s, l, l1); r1 = mad(s, r, r1);
    s = v128.load32_splat(p2, 12); l2 = mad(s, l, l2); r2 = mad(s, r, r2);
    s = v128.load32_splat(p3, 12); l3 = mad(s, l, l3); r3 = mad(s, r, r3);
    s = v128.load32_splat(p4, 12); l4 = mad(s, l, l4); r4 = mad(s, r, r4);
    w += 128;
    p0 += 16; p1 += 16; p2 += 16; p3 += 16; p4 += 16;
  }
  const o1 = out + row, o2 = o1 + row, o3 = o2 + row, o4 = o3 + row;
  v128.store(out, l0); v128.store(o1, l1); v128.store(o2, l2); v128.store(o3, l3); v128.store(o4, l4);
  if (narrow) return;
  v128.store(out, r0, 16); v128.store(o1, r1, 16); v128.store(o2, r2, 16); v128.store(o3, r3, 16);
  v128.store(o4, r4, 16);
}

/** dw [16][run][width] += vᵀ · u, v [16][capacity][run], u [16][capacity][width], over the first `rows` rows in order. */
export function transposedProducts(
  v: usize, rows: i32, capacity: i32, run: i32, u: usize, width: i32, dw: usize,
): void {
  const row = floats(width);
  for (let k = 0; k < SQUARE; k++) {
    for (let i = 0; i < run; i += 4, dw += 4 * row) {
      let o = 0;
      for (; o + 8 <= width; o += 8) {
        fourByEight(v + floats(i), floats(run), u + floats(o), row, rows, dw + floats(o));
      }
      if (o < width) fourByFour(v + floats(i), floats(run), u + floats(o), row, rows, dw + floats(o));
    }
    v += floats(capacity * run);
    u += floats(capacity * width);
  }
}

function fourByEight(x: usize, step: usize, g: usize, row: usize, n: i32, dw: usize): void {
  const d1 = dw + row, d2 = d1 + row, d3 = d2 + row;
  let l0 = v128.load(dw), l1 = v128.load(d1), l2 = v128.load(d2), l3 = v128.load(d3);
  let r0 = v128.load(dw, 16), r1 = v128.load(d1, 16), r2 = v128.load(d2, 16), r3 = v128.load(d3, 16);
  for (; n > 0; n--, x += step, g += row) {
    const l = v128.load(g), r = v128.load(g, 16);
    const all = v128.load(x); // one load and shuffles: every load checks its bounds
    let s = v128.shuffle<f32>(all, all, 0, 0, 0, 0); l0 = mad(s, l, l0); r0 = mad(s, r, r0);
    s = v128.shuffle<f32>(all, all, 1, 1, 1, 1); l1 = mad(s, l, l1); r1 = mad(s, r, r1);
    s = v128.shuffle<f32>(all, all, 2, 2, 2, 2); l2 = mad(s, l, l2); r2 = mad(s, r, r2);
    s = v128.shuffle<f32>(all, all, 3, 3, 3, 3); l3 = mad(s, l, l3); r3 = mad(s, r, r3);
  }
  v128.store(dw, l0); v128.store(d1, l1); v128.store(d2, l2); v128.store(d3, l3);
  v128.store(dw, r0, 16); v128.store(d1, r1, 16); v128.store(d2, r2, 16); v128.store(d3, r3, 16);
}

function fourByFour(x: usize, step: usize, g: usize, row: usize, n: i32, dw: usize): void {
  const d1 = dw + row, d2 = d1 + row, d3 = d2 + row;
  let l0 = v128.load(dw), l1 = v128.load(d1), l2 = v128.load(d2), l3 = v128.load(d3);
  for (; n > 0; n--, x += step, g += row) {
    const l = v128.load(g);
    l0 = mad(v128.load32_splat(x), l, l0);
    l1 = mad(v128.load32_splat(x, 4), l, l1);
    l2 = mad(v128.load32_splat(x, 8), l, l2);
    l3 = mad(v128.load32_splat(x, 12), l, l3);
  }
  v128.store(dw, l0); v128.store(d1, l1); v128.store(d2, l2); v128.store(d3, l3);
}

/**
 * Packs G g Gᵀ of w [2, 2, inputs, outputs].
 *
 * @param run        inputs, or outputs if `transposed`, rounded up to a multiple of 4
 * @param transposed 1: for the gradient by the input, where inputs and outputs change places
 */
export function packTiles(
  w: usize, inputs: i32, outputs: i32, run: i32, transposed: i32, first: i32, last: i32, packed: usize,
): void {
  const along = transposed ? outputs : inputs, across = transposed ? inputs : outputs;
  const step = floats(transposed ? 1 : outputs), lane = floats(transposed ? outputs : 1);
  const tap = floats(inputs * outputs), plane = floats((across + 7) / 8 * 8 * run);
  for (let panel = first; panel < last; panel++) {
    for (let half = 0; half < 8; half += 4) {
      const column = panel * 8 + half, lanes = min(4, across - column);
      let from = w + <usize>column * lane, to = packed + floats(panel * 8 * run + half);
      for (let i = 0; i < run; i++, from += step, to += 32) {
        const n = i < along ? lanes : 0;
        transformWeights(row(from, lane, n), row(from + tap, lane, n), row(from + 2 * tap, lane, n),
          row(from + 3 * tap, lane, n), plane, to);
      }
    }
  }
}

/** `n` floats, `stride` bytes apart, then zeros. */
function row(from: usize, stride: usize, n: i32): v128 {
  let v = f32x4.splat(0);
  if (n == 4 && stride == 4) return v128.load(from);
  if (n > 0) v = f32x4.replace_lane(v, 0, load<f32>(from));
  if (n > 1) v = f32x4.replace_lane(v, 1, load<f32>(from + stride));
  if (n > 2) v = f32x4.replace_lane(v, 2, load<f32>(from + 2 * stride));
  if (n > 3) v = f32x4.replace_lane(v, 3, load<f32>(from + 3 * stride));
  return v;
}

function transformWeights(g00: v128, g01: v128, g10: v128, g11: v128, plane: usize, to: usize): void {
  const half = f32x4.splat(0.5);
  const s0 = f32x4.mul(half, f32x4.add(g00, g10)), s1 = f32x4.mul(half, f32x4.add(g01, g11));
  const d0 = f32x4.mul(half, f32x4.sub(g00, g10)), d1 = f32x4.mul(half, f32x4.sub(g01, g11));
  to = weightRow(g00, g01, half, plane, to);
  to = weightRow(s0, s1, half, plane, to);
  to = weightRow(d0, d1, half, plane, to);
  weightRow(g10, g11, half, plane, to);
}

// @ts-ignore: decorator
@inline
function weightRow(v0: v128, v1: v128, half: v128, plane: usize, to: usize): usize {
  v128.store(to, v0);
  v128.store(to + plane, f32x4.mul(half, f32x4.add(v0, v1)));
  v128.store(to + 2 * plane, f32x4.mul(half, f32x4.sub(v0, v1)));
  v128.store(to + 3 * plane, v1);
  return to + 4 * plane;
}

/** dw [2, 2, n] += Gᵀ v G, v [16][n], n a multiple of 4. */
export function weightsOfTiles(v: usize, n: i32, dw: usize): void {
  const plane = floats(n), half = f32x4.splat(0.5);
  for (const end = v + plane; v < end; v += 16, dw += 16) {
    let at = v;
    const a0 = left(at, plane, half), a1 = right(at, plane, half);
    at += 4 * plane;
    const b0 = left(at, plane, half), b1 = right(at, plane, half);
    at += 4 * plane;
    const c0 = left(at, plane, half), c1 = right(at, plane, half);
    at += 4 * plane;
    const d0 = left(at, plane, half), d1 = right(at, plane, half);
    add(dw, f32x4.add(a0, f32x4.mul(half, f32x4.add(b0, c0))));
    add(dw + plane, f32x4.add(a1, f32x4.mul(half, f32x4.add(b1, c1))));
    add(dw + 2 * plane, f32x4.add(f32x4.mul(half, f32x4.sub(b0, c0)), d0));
    add(dw + 3 * plane, f32x4.add(f32x4.mul(half, f32x4.sub(b1, c1)), d1));
  }
}

// @ts-ignore: decorator
@inline
function left(at: usize, plane: usize, half: v128): v128 {
  return f32x4.add(v128.load(at), f32x4.mul(half, f32x4.add(v128.load(at + plane), v128.load(at + 2 * plane))));
}

// @ts-ignore: decorator
@inline
function right(at: usize, plane: usize, half: v128): v128 {
  return f32x4.add(f32x4.mul(half, f32x4.sub(v128.load(at + plane), v128.load(at + 2 * plane))), v128.load(at + 3 * plane));
}

// @ts-ignore: decorator
@inline
function add(at: usize, v: v128): void {
  v128.store(at, f32x4.add(v128.load(at), v));
}
