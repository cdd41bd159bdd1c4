/**
 * Indirect convolution (Dukhan, "The Indirect Convolution Algorithm", 2019): the plan lists for five output pixels at a
 * time (a tile) where each tap reads its input, so one loop serves every kernel, stride, padding and direction.
 *
 * A plan is a run of classes of tiles whose pixels have the same taps, all i32:
 *   taps n, tiles t, n × index of the tap in the packed weights, t × tile
 * and a tile is
 *   5 × byte offset into the output, n × 5 × byte offset into the input
 * Packed weights are [panel of 8 outputs][tap][run of inputs][8].
 */
import { floats, mad } from "./vector";

/** Inputs of a panel multiplied in one go: 512 × 8 floats stay in the first-level cache. */
const DEPTH: i32 = 512;
/** Address of 32 bytes that whoever owns the memory keeps zero. */
const ZEROS: usize = 64;

/**
 * output += or = Σ over taps and run of input × weights, for panels [first, last).
 *
 * @param run     floats each tap reads, a multiple of 4
 * @param taps    taps in the packed weights
 * @param width   output channels, a multiple of 4
 * @param start   `width` floats (and 4 more that may be anything) to start from: the bias; 0 starts from zeros
 * @param rectify 1: ReLU
 * @param block   tiles that go through a panel together
 */
export function convolve(
  plan: usize, classes: i32, input: usize, run: i32, weights: usize, taps: i32, first: i32, last: i32,
  width: i32, start: usize, output: usize, rectify: i32, block: i32,
): void {
  const panelBytes = floats(taps * run * 8);
  for (let at = plan; classes > 0; classes--) {
    const used = load<i32>(at), tileBytes = floats(5 + 5 * used), list = at + 8;
    let tile = list + floats(used);
    const end = tile + <usize>load<i32>(at, 4) * tileBytes;
    while (tile < end) {
      const stop = min(end, tile + <usize>block * tileBytes);
      let tap = 0, from = 0;
      do { // pieces of the reduction, at most DEPTH long
        const n = run >= DEPTH ? min(1, used) : min(DEPTH / run, used - tap);
        const length = min(DEPTH, run - from);
        const opening = tap == 0 && from == 0;
        const closing = from + length >= run && tap + n >= used;
        for (let panel = first; panel < last; panel++) {
          const narrow = panel * 8 + 8 > width, to = output + floats(panel * 8);
          const w = weights + <usize>panel * panelBytes + floats(from * 8);
          const seed = !opening ? 0 : start != 0 ? start + floats(panel * 8) : ZEROS;
          for (let t = tile; t < stop; t += tileBytes) {
            fivePixels(t, list + floats(tap), t + floats(5 + 5 * tap), n, input + floats(from), length, w,
              floats(run * 8), seed, to, narrow, closing && rectify != 0);
          }
        }
        from += length;
        if (from >= run) { from = 0; tap += n; }
      } while (tap < used);
      tile = stop;
    }
    at = end;
  }
}

/** Five output pixels × eight output channels in registers, over `n` taps of `length` inputs each. */
function fivePixels(
  out: usize, taps: usize, offsets: usize, n: i32, input: usize, length: i32, panel: usize,
  tapBytes: usize, seed: usize, output: usize, narrow: bool, rectify: bool,
): void {
  const o0 = output + load<u32>(out), o1 = output + load<u32>(out, 4), o2 = output + load<u32>(out, 8);
  const o3 = output + load<u32>(out, 12), o4 = output + load<u32>(out, 16);
  let l: v128, r: v128, x: v128;
  let l0: v128, l1: v128, l2: v128, l3: v128, l4: v128;
  let r0: v128, r1: v128, r2: v128, r3: v128, r4: v128;
  if (seed != 0) {
    l0 = l1 = l2 = l3 = l4 = v128.load(seed);
    r0 = r1 = r2 = r3 = r4 = v128.load(seed, 16);
  } else {
    l0 = v128.load(o0); l1 = v128.load(o1); l2 = v128.load(o2);
    l3 = v128.load(o3); l4 = v128.load(o4);
    r0 = v128.load(o0, 16); r1 = v128.load(o1, 16); r2 = v128.load(o2, 16);
    r3 = v128.load(o3, 16); r4 = v128.load(o4, 16);
  }
  for (; n > 0; n--, taps += 4, offsets += 20) {
    let w = panel + <usize>load<u32>(taps) * tapBytes;
    let p0 = input + load<u32>(offsets), p1 = input + load<u32>(offsets, 4), p2 = input + load<u32>(offsets, 8);
    let p3 = input + load<u32>(offsets, 12), p4 = input + load<u32>(offsets, 16);
    for (let k = length; k > 0; k -= 4) {
      l = v128.load(w, 0);
      r = v128.load(w, 16);
      x = v128.load32_splat(p0, 0);
      l0 = mad(x, l, l0);
      r0 = mad(x, r, r0);
      x = v128.load32_splat(p1, 0);
      l1 = mad(x, l, l1);
      r1 = mad(x, r, r1);
      x = v128.load32_splat(p2, 0);
      l2 = mad(x, l, l2);
      r2 = mad(x, r, r2);
      x = v128.load32_splat(p3, 0);
      l3 = mad(x, l, l3);
      r3 = mad(x, r, r3);
      x = v128.load32_splat(p4, 0);
      l4 = mad(x, l, l4);
      r4 = mad(x, r, r4);
      l = v128.load(w, 32);
      r = v128.load(w, 48);
      x = v128.load32_splat(p0, 4);
      l0 = mad(x, l, l0);
      r0 = mad(x, r, r0);
      x = v128.load32_splat(p1, 4);
      l1 = mad(x, l, l1);
      r1 = mad(x, r, r1);
      x = v128.load32_splat(p2, 4);
      l2 = mad(x, l, l2);
      r2 = mad(x, r, r2);
      x = v128.load32_splat(p3, 4);
      l3 = mad(x, l, l3);
      r3 = mad(x, r, r3);
      x = v128.load32_splat(p4, 4);
      l4 = mad(x, l, l4);
      r4 = mad(x, r, r4);
      l = v128.load(w, 64);
      r = v128.load(w, 80);
      x = v128.load32_splat(p0, 8);
      l0 = mad(x, l, l0);
      r0 = mad(x, r, r0);
      x = v128.load32_splat(p1, 8);
      l1 = mad(x, l, l1);
      r1 = mad(x, r, r1);
      x = v128.load32_splat(p2, 8);
      l2 = mad(x, l, l2);
      r2 = mad(x, r, r2);
      x = v128.load32_splat(p3, 8);
      l3 = mad(x, l, l3);
      r3 = mad(x, r, r3);
      x = v128.load32_splat(p4, 8);
      l4 = mad(x, l, l4);
      r4 = mad(x, r, r4);
      l = v128.load(w, 96);
      r = v128.load(w, 112);
      x = v128.load32_splat(p0, 12);
      l0 = mad(x, l, l0);
      r0 = mad(x, r, r0);
      x = v128.load32_splat(p1, 12);
      l1 = mad(x, l, l1);
      r1 = mad(x, r, r1);
      x = v128.load32_splat(p2, 12);
      l2 = mad(x, l, l2);
      r2 = mad(x, r, r2);
      x = v128.load32_splat(p3, 12);
      l3 = mad(x, l, l3);
      r3 = mad(x, r, r3);
      x = v128.load32_splat(p4, 12);
      l4 = mad(x, l, l4);
      r4 = mad(x, r, r4);
      w += 128;
      p0 += 16; p1 += 16; p2 += 16; p3 += 16; p4 += 16;
    }
  }
  if (rectify) {
    const zero = f32x4.splat(0);
    l0 = f32x4.max(l0, zero); l1 = f32x4.max(l1, zero); l2 = f32x4.max(l2, zero);
    l3 = f32x4.max(l3, zero); l4 = f32x4.max(l4, zero);
    r0 = f32x4.max(r0, zero); r1 = f32x4.max(r1, zero); r2 = f32x4.max(r2, zero);
    r3 = f32x4.max(r3, zero); r4 = f32x4.max(r4, zero);
  }
  v128.store(o0, l0); v128.store(o1, l1); v128.store(o2, l2);
  v128.store(o3, l3); v128.store(o4, l4);
  if (narrow) return;
  v128.store(o0, r0, 16); v128.store(o1, r1, 16); v128.store(o2, r2, 16);
  v128.store(o3, r3, 16); v128.store(o4, r4, 16);
}

/**
 * Packs w [taps, inputs, outputs] for {@link convolve}: [panel][tap][run][8], zeros where it has no weight.
 *
 * @param run inputs rounded up to a multiple of 4
 */
export function pack(
  w: usize, taps: i32, inputs: i32, outputs: i32, run: i32, first: i32, last: i32, packed: usize,
): void {
  let to = packed + <usize>first * floats(taps * run * 8);
  for (let panel = first; panel < last; panel++) {
    const lanes = min(8, outputs - panel * 8);
    for (let tap = 0; tap < taps; tap++) {
      for (let i = 0; i < run; i++, to += 32) {
        const from = w + floats((tap * inputs + i) * outputs + panel * 8);
        if (i < inputs && lanes == 8) {
          v128.store(to, v128.load(from));
          v128.store(to, v128.load(from, 16), 16);
        } else packRow(from, 4, i < inputs ? lanes : 0, to);
      }
    }
  }
}

/** Packs w for the gradient by the input, where inputs and outputs change places. */
export function packTransposed(
  w: usize, taps: i32, inputs: i32, outputs: i32, run: i32, first: i32, last: i32, packed: usize,
): void {
  let to = packed + <usize>first * floats(taps * run * 8);
  for (let panel = first; panel < last; panel++) {
    const lanes = min(8, inputs - panel * 8);
    for (let tap = 0; tap < taps; tap++) {
      const from = w + floats((tap * inputs + panel * 8) * outputs);
      for (let o = 0; o < run; o++, to += 32) {
        packRow(from + floats(o), floats(outputs), o < outputs ? lanes : 0, to);
      }
    }
  }
}

/** `lanes` floats, `stride` bytes apart, then zeros up to eight. */
function packRow(from: usize, stride: usize, lanes: i32, to: usize): void {
  for (let lane = 0; lane < 8; lane++, from += stride) {
    store<f32>(to + floats(lane), lane < lanes ? load<f32>(from) : 0);
  }
}
