/**
 * Batch normalisation (Ioffe and Szegedy, 2015) of x [rows, width], a range of channels at a time. Sums are taken over
 * blocks of rows, and over the blocks, in order.
 */
import { floats, mad } from "./vector";

const BLOCK: i32 = 128; // rows

/**
 * out = (x − mean) · γ / √(variance + ε) + β for channels [first, last), multiples of 4, and then max(·, 0) if `rectify`.
 *
 * @param moments mean [width], then the biased variance [width]: written
 */
export function batchNormalise(
  x: usize, rows: i32, width: i32, first: i32, last: i32, gamma: usize, beta: usize, epsilon: f32, rectify: i32,
  moments: usize, out: usize,
): void {
  const row = floats(width), end = floats(last), n = f32x4.splat(1 / <f32>rows);
  const variances = moments + row, least = f32x4.splat(rectify ? <f32>0 : -<f32>Infinity);
  for (let c = floats(first); c < end; c += 16) {
    v128.store(moments + c, f32x4.splat(0));
    v128.store(variances + c, f32x4.splat(0));
  }
  for (let from = 0; from < rows; from += BLOCK) {
    const block = x + <usize>from * row, many = min(BLOCK, rows - from);
    for (let c = floats(first); c < end; c += 16) {
      let sum = f32x4.splat(0), at = block + c;
      for (let i = 0; i < many; i++, at += row) sum = f32x4.add(sum, v128.load(at));
      v128.store(moments + c, f32x4.add(v128.load(moments + c), sum));
    }
  }
  for (let c = floats(first); c < end; c += 16) v128.store(moments + c, f32x4.mul(v128.load(moments + c), n));
  for (let from = 0; from < rows; from += BLOCK) {
    const block = x + <usize>from * row, many = min(BLOCK, rows - from);
    for (let c = floats(first); c < end; c += 16) {
      const mean = v128.load(moments + c);
      let sum = f32x4.splat(0), at = block + c;
      for (let i = 0; i < many; i++, at += row) {
        const d = f32x4.sub(v128.load(at), mean);
        sum = mad(d, d, sum);
      }
      v128.store(variances + c, f32x4.add(v128.load(variances + c), sum));
    }
  }
  for (let c = floats(first); c < end; c += 16) v128.store(variances + c, f32x4.mul(v128.load(variances + c), n));
  for (let from = 0; from < rows; from += BLOCK) {
    const start = <usize>from * row, many = min(BLOCK, rows - from);
    for (let c = floats(first); c < end; c += 16) {
      const scale = f32x4.mul(v128.load(gamma + c), inverse(variances + c, epsilon));
      const shift = f32x4.sub(v128.load(beta + c), f32x4.mul(v128.load(moments + c), scale));
      let at = x + start + c, to = out + start + c;
      for (let i = 0; i < many; i++, at += row, to += row) {
        v128.store(to, f32x4.max(least, mad(v128.load(at), scale, shift)));
      }
    }
  }
}

/**
 * The gradients for channels [first, last), with g = dy where the output was above 0 if it was rectified, else g = dy:
 *   dγ = Σ g x̂,  dβ = Σ g,  dx = γ/σ · (g − mean(g) − x̂ · mean(g x̂))
 */
export function batchNormaliseBackward(
  dy: usize, x: usize, rows: i32, width: i32, first: i32, last: i32, gamma: usize, beta: usize, epsilon: f32,
  rectified: i32, moments: usize, dgamma: usize, dbeta: usize, dx: usize,
): void {
  const row = floats(width), end = floats(last), n = f32x4.splat(1 / <f32>rows), variances = moments + row;
  const zero = f32x4.splat(0), all = i32x4.splat(rectified ? 0 : -1);
  for (let c = floats(first); c < end; c += 16) {
    v128.store(dgamma + c, zero);
    v128.store(dbeta + c, zero);
  }
  for (let from = 0; from < rows; from += BLOCK) {
    const start = <usize>from * row, many = min(BLOCK, rows - from);
    for (let c = floats(first); c < end; c += 16) {
      const mean = v128.load(moments + c), scale = f32x4.mul(v128.load(gamma + c), inverse(variances + c, epsilon));
      const shift = f32x4.sub(v128.load(beta + c), f32x4.mul(mean, scale));
      let plain = zero, dots = zero, at = x + start + c, g = dy + start + c;
      for (let i = 0; i < many; i++, at += row, g += row) {
        const value = v128.load(at);
        const passed = v128.and(v128.load(g), v128.or(all, f32x4.gt(mad(value, scale, shift), zero)));
        plain = f32x4.add(plain, passed);
        dots = mad(passed, f32x4.sub(value, mean), dots);
      }
      v128.store(dbeta + c, f32x4.add(v128.load(dbeta + c), plain));
      v128.store(dgamma + c, f32x4.add(v128.load(dgamma + c), dots));
    }
  }
  for (let c = floats(first); c < end; c += 16) {
    v128.store(dgamma + c, f32x4.mul(v128.load(dgamma + c), inverse(variances + c, epsilon)));
  }
  for (let from = 0; from < rows; from += BLOCK) {
    const start = <usize>from * row, many = min(BLOCK, rows - from);
    for (let c = floats(first); c < end; c += 16) {
      const mean = v128.load(moments + c), over = inverse(variances + c, epsilon);
      const scale = f32x4.mul(v128.load(gamma + c), over), shift = f32x4.sub(v128.load(beta + c), f32x4.mul(mean, scale));
      const meanG = f32x4.mul(n, v128.load(dbeta + c));
      const slope = f32x4.mul(over, f32x4.mul(n, v128.load(dgamma + c))); // mean(g x̂) / σ
      let at = x + start + c, g = dy + start + c, to = dx + start + c;
      for (let i = 0; i < many; i++, at += row, g += row, to += row) {
        const value = v128.load(at);
        const passed = v128.and(v128.load(g), v128.or(all, f32x4.gt(mad(value, scale, shift), zero)));
        const centred = f32x4.sub(f32x4.sub(passed, meanG), f32x4.mul(f32x4.sub(value, mean), slope));
        v128.store(to, f32x4.mul(scale, centred));
      }
    }
  }
}

/** 1 / √(variance + ε) */
// @ts-ignore: decorator
@inline
function inverse(variance: usize, epsilon: f32): v128 {
  return f32x4.div(f32x4.splat(1), f32x4.sqrt(f32x4.add(v128.load(variance), f32x4.splat(epsilon))));
}
