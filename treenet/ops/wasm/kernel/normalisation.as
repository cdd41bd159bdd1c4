/**
 * Group normalisation with one group (Wu and He, 2018), and the ReLU and pooling around it. Images are [pixels, width],
 * one after the other, width a multiple of 4; channels beyond `channels` hold zeros and are not counted. An image has
 * two moments: mean and 1 / √(variance + ε).
 */
import { floats, mad, total } from "./vector";

/** Writes moments [images, 2]. */
export function measure(
  x: usize, images: i32, pixels: i32, width: i32, channels: i32, epsilon: f32, moments: usize,
): void {
  for (; images > 0; images--, x += floats(pixels * width), moments += 8) {
    measureImage(x, pixels, width, channels, epsilon, moments);
  }
}

function measureImage(x: usize, pixels: i32, width: i32, channels: i32, epsilon: f32, moments: usize): void {
  const count = <f64>(pixels * channels);
  const mean = <f32>(sum(x, pixels * width) / count);
  const variance = <f32>(squaredDeviations(x, pixels, width, channels, mean) / count);
  store<f32>(moments, mean);
  store<f32>(moments, <f32>1 / sqrt<f32>(variance + epsilon), 4);
}

/** Floats that are added up in float32; the sums of such blocks are added up in float64. A multiple of 32. */
const BLOCK: i32 = 1024;

/** Sum of n floats, n a multiple of 4. */
function sum(x: usize, n: i32): f64 {
  let all: f64 = 0;
  for (; n > 0; n -= BLOCK, x += floats(BLOCK)) all += sumBlock(x, min(n, BLOCK));
  return all;
}

/** Sum of n floats, n a multiple of 4, in four interleaved sums. */
function sumBlock(x: usize, n: i32): f32 {
  let a = f32x4.splat(0), b = a, c = a, d = a;
  const end = x + floats(n);
  for (; x + 64 <= end; x += 64) {
    a = f32x4.add(a, v128.load(x));
    b = f32x4.add(b, v128.load(x, 16));
    c = f32x4.add(c, v128.load(x, 32));
    d = f32x4.add(d, v128.load(x, 48));
  }
  for (; x < end; x += 16) a = f32x4.add(a, v128.load(x));
  return total(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
}

/** Σ (x − mean)² over the counted channels. */
function squaredDeviations(x: usize, pixels: i32, width: i32, channels: i32, mean: f32): f64 {
  let all: f64 = 0;
  if (channels == width) {
    for (let n = pixels * width; n > 0; n -= BLOCK, x += floats(BLOCK)) all += squaresOfBlock(x, min(n, BLOCK), mean);
    return all;
  }
  const m = f32x4.splat(mean);
  for (let p = 0; p < pixels; p++) {
    let a = f32x4.splat(0);
    for (let c = 0; c < width; c += 4, x += 16) {
      const counted = i32x4.lt_s(i32x4.add(i32x4.splat(c), i32x4(0, 1, 2, 3)), i32x4.splat(channels));
      const d = v128.and(f32x4.sub(v128.load(x), m), counted);
      a = mad(d, d, a);
    }
    all += total(a);
  }
  return all;
}

/** Σ (x − mean)² of n floats, n a multiple of 4, in two interleaved sums. */
function squaresOfBlock(x: usize, n: i32, mean: f32): f32 {
  const m = f32x4.splat(mean), end = x + floats(n);
  let a = f32x4.splat(0), b = a;
  for (; x + 32 <= end; x += 32) {
    const d = f32x4.sub(v128.load(x), m), e = f32x4.sub(v128.load(x, 16), m);
    a = mad(d, d, a);
    b = mad(e, e, b);
  }
  if (x < end) {
    const d = f32x4.sub(v128.load(x), m);
    a = mad(d, d, a);
  }
  return total(f32x4.add(a, b));
}

/**
 * out = (x − mean) · γ / σ + β.
 *
 * @param scratch 2 × width floats
 */
export function normalise(
  x: usize, images: i32, pixels: i32, width: i32, gamma: usize, beta: usize, moments: usize, scratch: usize, out: usize,
): void {
  for (const image = floats(pixels * width); images > 0; images--, x += image, out += image, moments += 8) {
    normaliseImage(x, pixels, width, gamma, beta, moments, scratch, out);
  }
}

function normaliseImage(
  x: usize, pixels: i32, width: i32, gamma: usize, beta: usize, moments: usize, scratch: usize, out: usize,
): void {
  const mean = v128.load32_splat(moments), inverse = v128.load32_splat(moments, 4), shifts = scratch + floats(width);
  for (let c: usize = 0; c < floats(width); c += 16) {
    const scale = f32x4.mul(v128.load(gamma + c), inverse);
    v128.store(scratch + c, scale);
    v128.store(shifts + c, f32x4.sub(v128.load(beta + c), f32x4.mul(mean, scale)));
  }
  for (let p = 0; p < pixels; p++) {
    for (let c: usize = 0; c < floats(width); c += 16, x += 16, out += 16) {
      v128.store(out, mad(v128.load(x), v128.load(scratch + c), v128.load(shifts + c)));
    }
  }
}

/**
 * From the gradient of `normalise`'s output to that of what its ReLU'd input x was before the ReLU; adds to dgamma
 * and dbeta [width].
 *
 * With x̂ = (x − mean) / σ and g = γ · dy: dx = (g − mean(g) − x̂ · mean(g · x̂)) / σ where x > 0, else 0.
 *
 * @param scratch 2 × width floats
 */
export function normaliseBackward(
  dy: usize, x: usize, images: i32, pixels: i32, width: i32, channels: i32, gamma: usize, moments: usize,
  scratch: usize, dgamma: usize, dbeta: usize, out: usize,
): void {
  for (const image = floats(pixels * width); images > 0; images--, moments += 8) {
    imageBackward(dy, x, pixels, width, channels, gamma, moments, scratch, dgamma, dbeta, out);
    dy += image;
    x += image;
    out += image;
  }
}

function imageBackward(
  dy: usize, x: usize, pixels: i32, width: i32, channels: i32, gamma: usize, moments: usize, scratch: usize,
  dgamma: usize, dbeta: usize, out: usize,
): void {
  const mean = v128.load32_splat(moments), inverse = v128.load32_splat(moments, 4);
  const dots = scratch + floats(width), count = <f32>(pixels * channels);
  memory.fill(scratch, 0, floats(2 * width));
  for (let p = 0; p < pixels; p += 64) {
    const from = floats(p * width);
    channelSums(dy + from, x + from, min(64, pixels - p), width, mean, scratch, dots);
  }
  let s = f32x4.splat(0), t = s;
  for (let c: usize = 0; c < floats(width); c += 16) {
    const g = v128.load(gamma + c), plain = v128.load(scratch + c), dot = f32x4.mul(v128.load(dots + c), inverse);
    s = mad(g, plain, s);
    t = mad(g, dot, t);
    v128.store(dbeta + c, f32x4.add(v128.load(dbeta + c), plain));
    v128.store(dgamma + c, f32x4.add(v128.load(dgamma + c), dot));
  }
  const meanG = f32x4.splat(total(s) / count), meanGX = f32x4.splat(total(t) / count), zero = f32x4.splat(0);
  for (let p = 0; p < pixels; p++) {
    for (let c: usize = 0; c < floats(width); c += 16, x += 16, dy += 16, out += 16) {
      const value = v128.load(x), hat = f32x4.mul(f32x4.sub(value, mean), inverse);
      const centred = f32x4.sub(f32x4.sub(f32x4.mul(v128.load(gamma + c), v128.load(dy)), meanG), f32x4.mul(hat, meanGX));
      v128.store(out, v128.and(f32x4.mul(inverse, centred), f32x4.gt(value, zero)));
    }
  }
}

/** plain += Σ dy, dots += Σ dy · (x − mean), a channel. */
function channelSums(dy: usize, x: usize, pixels: i32, width: i32, mean: v128, plain: usize, dots: usize): void {
  for (let c: usize = 0; c < floats(width); c += 16) {
    let a = v128.load(plain + c), b = v128.load(dots + c), d = dy + c, v = x + c;
    for (let p = 0; p < pixels; p++, d += floats(width), v += floats(width)) {
      const g = v128.load(d);
      a = f32x4.add(a, g);
      b = mad(g, f32x4.sub(v128.load(v), mean), b);
    }
    v128.store(plain + c, a);
    v128.store(dots + c, b);
  }
}

/** out [images, width] = mean over pixels. */
export function pool(x: usize, images: i32, pixels: i32, width: i32, out: usize): void {
  const scale = f32x4.splat(<f32>1 / <f32>pixels);
  for (; images > 0; images--, x += floats(pixels * width), out += floats(width)) {
    for (let c: usize = 0; c < floats(width); c += 16) {
      let sum = f32x4.splat(0), at = x + c;
      for (let p = 0; p < pixels; p++, at += floats(width)) sum = f32x4.add(sum, v128.load(at));
      v128.store(out + c, f32x4.mul(sum, scale));
    }
  }
}

/** Through `pool` and the ReLU before it: out = dy / pixels where x > 0, else 0; dy [images, width]. */
export function poolBackward(dy: usize, x: usize, images: i32, pixels: i32, width: i32, out: usize): void {
  const scale = f32x4.splat(<f32>1 / <f32>pixels), zero = f32x4.splat(0);
  for (; images > 0; images--, dy += floats(width)) {
    for (let p = 0; p < pixels; p++) {
      for (let c: usize = 0; c < floats(width); c += 16, x += 16, out += 16) {
        v128.store(out, v128.and(f32x4.mul(v128.load(dy + c), scale), f32x4.gt(v128.load(x), zero)));
      }
    }
  }
}
