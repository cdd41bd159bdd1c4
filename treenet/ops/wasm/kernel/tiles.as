/**
 * Winograd's form of a 2 × 2 convolution with stride 1 and no padding (Lavin and Gray, "Fast algorithms for convolutional
 * neural networks", 2016): F(3 × 3, 2 × 2) makes 3 × 3 output pixels of 4 × 4 input pixels with 16 multiplications a pair
 * of channels in place of 36.
 *
 *     Y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A          d 4 × 4 inputs, g 2 × 2 weights, Y 3 × 3 outputs
 *
 *          1  0 −1  0            1  0
 *     Bᵀ = 0  1  1  0       G =  ½  ½       Aᵀ = 1  1  1  0
 *          0 −1  1  0            ½ −½            0  1 −1  0
 *          0  1  0 −1            0  1            0  1  1 −1
 *
 * The gradients run through the same matrices transposed. All transforms are sums and halvings. Between them are 16
 * matrix products, one an element of the 4 × 4 square (products.as).
 *
 * Tiles are counted along the rows of an image, image after image; those at the right and lower edge reach beyond it,
 * where inputs count as zeros and outputs are left out. Transformed tiles are stored as [16][capacity][channels], channels
 * a multiple of 4. A `shape` is five i32:
 *   input height, input width, output height, output width, tiles in a row
 */
import { floats, mad } from "./vector";

// @ts-ignore: decorator
@inline
const SIDE: i32 = 3; // output pixels of a tile

/** Position of a tile. */
let image: i32 = 0, top: i32 = 0, left: i32 = 0;

function locate(shape: usize, tile: i32): void {
  const across = load<i32>(shape, 16), down = (load<i32>(shape, 8) + SIDE - 1) / SIDE;
  image = tile / (across * down);
  const inside = tile % (across * down);
  top = SIDE * (inside / across);
  left = SIDE * (inside % across);
}

/**
 * Bᵀ d B of tiles [first, first + count), with d = x · scale + shift.
 *
 * @param affine  scales and shifts [images, 2, width]; 0: d = x
 * @param scratch 16 × width floats
 */
export function tilesOfInput(
  shape: usize, x: usize, width: i32, affine: usize, first: i32, count: i32, capacity: i32, scratch: usize,
  out: usize,
): void {
  const height = load<i32>(shape), wide = load<i32>(shape, 4), pixel = floats(width);
  for (let i = 0; i < count; i++, out += pixel) {
    locate(shape, first + i);
    const rows = min(4, height - top), columns = min(4, wide - left);
    const from = x + <usize>((image * height + top) * wide + left) * pixel;
    const scales = affine != 0 ? affine + <usize>image * 2 * pixel : 0;
    frame(from, rows, columns, <usize>wide * pixel, width, scales, scratch);
    transformInput(scratch, width, <usize>capacity * pixel, out);
  }
}

/** Copies rows × columns pixels to a square of 4 × 4, with zeros beyond them. */
function frame(x: usize, rows: i32, columns: i32, row: usize, width: i32, scales: usize, to: usize): void {
  const pixel = floats(width);
  for (let i = 0; i < 4; i++) {
    for (let j = 0; j < 4; j++, to += pixel) {
      const from = x + <usize>i * row + <usize>j * pixel;
      if (i >= rows || j >= columns) memory.fill(to, 0, pixel);
      else if (scales == 0) memory.copy(to, from, pixel);
      else {
        for (let c: usize = 0; c < pixel; c += 16) {
          v128.store(to + c, mad(v128.load(from + c), v128.load(scales + c), v128.load(scales + pixel + c)));
        }
      }
    }
  }
}

function transformInput(square: usize, width: i32, plane: usize, out: usize): void {
  const pixel = floats(width), row = 4 * pixel;
  for (const end = square + pixel; square < end; square += 16, out += 16) {
    let d0 = v128.load(square), at = square + pixel;
    let d1 = v128.load(at), d2 = v128.load(at + pixel), d3 = v128.load(at + 2 * pixel);
    const a0 = f32x4.sub(d0, d2), a1 = f32x4.add(d1, d2), a2 = f32x4.sub(d2, d1), a3 = f32x4.sub(d1, d3);
    at = square + row;
    d0 = v128.load(at); d1 = v128.load(at + pixel); d2 = v128.load(at + 2 * pixel); d3 = v128.load(at + 3 * pixel);
    const b0 = f32x4.sub(d0, d2), b1 = f32x4.add(d1, d2), b2 = f32x4.sub(d2, d1), b3 = f32x4.sub(d1, d3);
    at += row;
    d0 = v128.load(at); d1 = v128.load(at + pixel); d2 = v128.load(at + 2 * pixel); d3 = v128.load(at + 3 * pixel);
    const c0 = f32x4.sub(d0, d2), c1 = f32x4.add(d1, d2), c2 = f32x4.sub(d2, d1), c3 = f32x4.sub(d1, d3);
    at += row;
    d0 = v128.load(at); d1 = v128.load(at + pixel); d2 = v128.load(at + 2 * pixel); d3 = v128.load(at + 3 * pixel);
    const e0 = f32x4.sub(d0, d2), e1 = f32x4.add(d1, d2), e2 = f32x4.sub(d2, d1), e3 = f32x4.sub(d1, d3);
    at = out;
    at = fourPlanes(at, plane, f32x4.sub(a0, c0), f32x4.sub(a1, c1), f32x4.sub(a2, c2), f32x4.sub(a3, c3));
    at = fourPlanes(at, plane, f32x4.add(b0, c0), f32x4.add(b1, c1), f32x4.add(b2, c2), f32x4.add(b3, c3));
    at = fourPlanes(at, plane, f32x4.sub(c0, b0), f32x4.sub(c1, b1), f32x4.sub(c2, b2), f32x4.sub(c3, b3));
    fourPlanes(at, plane, f32x4.sub(b0, e0), f32x4.sub(b1, e1), f32x4.sub(b2, e2), f32x4.sub(b3, e3));
  }
}

// @ts-ignore: decorator
@inline
function fourPlanes(at: usize, plane: usize, v0: v128, v1: v128, v2: v128, v3: v128): usize {
  v128.store(at, v0);
  v128.store(at + plane, v1);
  v128.store(at + 2 * plane, v2);
  v128.store(at + 3 * plane, v3);
  return at + 4 * plane;
}

/** out = ReLU(Aᵀ m A + bias) of tiles [first, first + count). */
export function outputOfTiles(
  shape: usize, m: usize, width: i32, bias: usize, first: i32, count: i32, capacity: i32, out: usize,
): void {
  const tall = load<i32>(shape, 8), wide = load<i32>(shape, 12), pixel = floats(width);
  for (let i = 0; i < count; i++, m += pixel) {
    locate(shape, first + i);
    const to = out + <usize>((image * tall + top) * wide + left) * pixel;
    transformOutput(m, <usize>capacity * pixel, width, bias, min(SIDE, tall - top), min(SIDE, wide - left),
      <usize>wide * pixel, to);
  }
}

function transformOutput(
  m: usize, plane: usize, width: i32, bias: usize, rows: i32, columns: i32, row: usize, out: usize,
): void {
  const pixel = floats(width), down = 4 * plane, zero = f32x4.splat(0);
  for (const end = m + pixel; m < end; m += 16, bias += 16, out += 16) {
    const b = v128.load(bias);
    let at = m, u = v128.load(at + down), v = v128.load(at + 2 * down), sum = f32x4.add(u, v);
    const p0 = f32x4.add(v128.load(at), sum), q0 = f32x4.sub(u, v), s0 = f32x4.sub(sum, v128.load(at + 3 * down));
    at += plane;
    u = v128.load(at + down); v = v128.load(at + 2 * down); sum = f32x4.add(u, v);
    const p1 = f32x4.add(v128.load(at), sum), q1 = f32x4.sub(u, v), s1 = f32x4.sub(sum, v128.load(at + 3 * down));
    at += plane;
    u = v128.load(at + down); v = v128.load(at + 2 * down); sum = f32x4.add(u, v);
    const p2 = f32x4.add(v128.load(at), sum), q2 = f32x4.sub(u, v), s2 = f32x4.sub(sum, v128.load(at + 3 * down));
    at += plane;
    u = v128.load(at + down); v = v128.load(at + 2 * down); sum = f32x4.add(u, v);
    const p3 = f32x4.add(v128.load(at), sum), q3 = f32x4.sub(u, v), s3 = f32x4.sub(sum, v128.load(at + 3 * down));
    outputRow(p0, p1, p2, p3, b, zero, columns, pixel, out);
    if (rows > 1) outputRow(q0, q1, q2, q3, b, zero, columns, pixel, out + row);
    if (rows > 2) outputRow(s0, s1, s2, s3, b, zero, columns, pixel, out + 2 * row);
  }
}

// @ts-ignore: decorator
@inline
function outputRow(
  v0: v128, v1: v128, v2: v128, v3: v128, bias: v128, zero: v128, columns: i32, pixel: usize, out: usize,
): void {
  const sum = f32x4.add(v1, v2);
  v128.store(out, f32x4.max(zero, f32x4.add(f32x4.add(v0, sum), bias)));
  if (columns > 1) v128.store(out + pixel, f32x4.max(zero, f32x4.add(f32x4.sub(v1, v2), bias)));
  if (columns > 2) v128.store(out + 2 * pixel, f32x4.max(zero, f32x4.add(f32x4.sub(sum, v3), bias)));
}

/** A dy Aᵀ of tiles [first, first + count). */
export function tilesOfGradient(
  shape: usize, dy: usize, width: i32, first: i32, count: i32, capacity: i32, out: usize,
): void {
  const tall = load<i32>(shape, 8), wide = load<i32>(shape, 12), pixel = floats(width);
  for (let i = 0; i < count; i++, out += pixel) {
    locate(shape, first + i);
    const from = dy + <usize>((image * tall + top) * wide + left) * pixel;
    transformGradient(from, min(SIDE, tall - top), min(SIDE, wide - left), <usize>wide * pixel, width,
      <usize>capacity * pixel, out);
  }
}

function transformGradient(
  dy: usize, rows: i32, columns: i32, row: usize, width: i32, plane: usize, out: usize,
): void {
  const pixel = floats(width), zero = f32x4.splat(0);
  const second = columns > 1, third = columns > 2;
  for (const end = dy + pixel; dy < end; dy += 16, out += 16) {
    const a0 = v128.load(dy), a1 = second ? v128.load(dy + pixel) : zero, a2 = third ? v128.load(dy + 2 * pixel) : zero;
    let b0 = zero, b1 = zero, b2 = zero, c0 = zero, c1 = zero, c2 = zero;
    if (rows > 1) {
      const at = dy + row;
      b0 = v128.load(at);
      if (second) b1 = v128.load(at + pixel);
      if (third) b2 = v128.load(at + 2 * pixel);
    }
    if (rows > 2) {
      const at = dy + 2 * row;
      c0 = v128.load(at);
      if (second) c1 = v128.load(at + pixel);
      if (third) c2 = v128.load(at + 2 * pixel);
    }
    const s0 = f32x4.add(a0, c0), s1 = f32x4.add(a1, c1), s2 = f32x4.add(a2, c2);
    let at = gradientRow(a0, a1, a2, plane, out);
    at = gradientRow(f32x4.add(s0, b0), f32x4.add(s1, b1), f32x4.add(s2, b2), plane, at);
    at = gradientRow(f32x4.sub(s0, b0), f32x4.sub(s1, b1), f32x4.sub(s2, b2), plane, at);
    gradientRow(f32x4.neg(c0), f32x4.neg(c1), f32x4.neg(c2), plane, at);
  }
}

// @ts-ignore: decorator
@inline
function gradientRow(v0: v128, v1: v128, v2: v128, plane: usize, at: usize): usize {
  const sum = f32x4.add(v0, v2);
  return fourPlanes(at, plane, v0, f32x4.add(sum, v1), f32x4.sub(sum, v1), f32x4.neg(v2));
}

/** dx += B v Bᵀ of tiles [first, first + count), whose squares overlap. */
export function inputGradientOfTiles(
  shape: usize, v: usize, width: i32, first: i32, count: i32, capacity: i32, dx: usize,
): void {
  const height = load<i32>(shape), wide = load<i32>(shape, 4), pixel = floats(width);
  for (let i = 0; i < count; i++, v += pixel) {
    locate(shape, first + i);
    const to = dx + <usize>((image * height + top) * wide + left) * pixel;
    transformBack(v, <usize>capacity * pixel, width, min(4, height - top), min(4, wide - left), <usize>wide * pixel, to);
  }
}

function transformBack(
  v: usize, plane: usize, width: i32, rows: i32, columns: i32, row: usize, dx: usize,
): void {
  const pixel = floats(width), down = 4 * plane;
  for (const end = v + pixel; v < end; v += 16, dx += 16) {
    let at = v, u = v128.load(at + down), w = v128.load(at + 2 * down), x = v128.load(at + 3 * down), t = v128.load(at);
    const a0 = t, b0 = f32x4.add(f32x4.sub(u, w), x), c0 = f32x4.sub(f32x4.add(u, w), t), e0 = f32x4.neg(x);
    at += plane;
    u = v128.load(at + down); w = v128.load(at + 2 * down); x = v128.load(at + 3 * down); t = v128.load(at);
    const a1 = t, b1 = f32x4.add(f32x4.sub(u, w), x), c1 = f32x4.sub(f32x4.add(u, w), t), e1 = f32x4.neg(x);
    at += plane;
    u = v128.load(at + down); w = v128.load(at + 2 * down); x = v128.load(at + 3 * down); t = v128.load(at);
    const a2 = t, b2 = f32x4.add(f32x4.sub(u, w), x), c2 = f32x4.sub(f32x4.add(u, w), t), e2 = f32x4.neg(x);
    at += plane;
    u = v128.load(at + down); w = v128.load(at + 2 * down); x = v128.load(at + 3 * down); t = v128.load(at);
    const a3 = t, b3 = f32x4.add(f32x4.sub(u, w), x), c3 = f32x4.sub(f32x4.add(u, w), t), e3 = f32x4.neg(x);
    backRow(a0, a1, a2, a3, columns, pixel, dx);
    if (rows > 1) backRow(b0, b1, b2, b3, columns, pixel, dx + row);
    if (rows > 2) backRow(c0, c1, c2, c3, columns, pixel, dx + 2 * row);
    if (rows > 3) backRow(e0, e1, e2, e3, columns, pixel, dx + 3 * row);
  }
}

// @ts-ignore: decorator
@inline
function backRow(v0: v128, v1: v128, v2: v128, v3: v128, columns: i32, pixel: usize, to: usize): void {
  add(to, v0);
  if (columns > 1) add(to + pixel, f32x4.add(f32x4.sub(v1, v2), v3));
  if (columns > 2) add(to + 2 * pixel, f32x4.sub(f32x4.add(v1, v2), v0));
  if (columns > 3) add(to + 3 * pixel, f32x4.neg(v3));
}

// @ts-ignore: decorator
@inline
function add(at: usize, v: v128): void {
  v128.store(at, f32x4.add(v128.load(at), v));
}

/** Scales and shifts [images, 2, width] of a normalisation: (x − mean) · γ / σ + β = x · scale + shift. */
export function affine(images: i32, width: i32, gamma: usize, beta: usize, moments: usize, out: usize): void {
  const pixel = floats(width);
  for (; images > 0; images--, moments += 8, out += 2 * pixel) {
    const mean = v128.load32_splat(moments), inverse = v128.load32_splat(moments, 4);
    for (let c: usize = 0; c < pixel; c += 16) {
      const scale = f32x4.mul(v128.load(gamma + c), inverse);
      v128.store(out + c, scale);
      v128.store(out + pixel + c, f32x4.sub(v128.load(beta + c), f32x4.mul(mean, scale)));
    }
  }
}
