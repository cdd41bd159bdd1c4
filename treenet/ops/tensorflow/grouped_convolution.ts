/**
 * Convolutions of one group, with their gradients.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { checkFits, outputSize } from "../geometry.ts";
import { apply } from "./custom_gradients.ts";
import type { Eager, Sliding } from "./eager.ts";

type Rank4 = [number, number, number, number];

/** Taps of the kernel that meet the input along one axis, and the padding that they need. */
interface Reach {
  /** First tap that meets the input; `taps` counts from it. */
  readonly from: number;
  readonly taps: number;
  /** Zeros before and after the input. */
  readonly margins: readonly [number, number];
}

/** x [N, H, W, C], w [k, k, C, O], zero padding `pad` on every side → [N, H', W', O]. */
export function conv2d(
  eager: Eager,
  { x, w, stride, pad }: {
    readonly x: tf.Tensor4D;
    readonly w: tf.Tensor4D;
    readonly stride: number;
    readonly pad: number;
  },
): tf.Tensor4D {
  const [, height, width] = x.shape, kernel = w.shape[0];
  checkFits([height, width], { kernel, pad });
  const same = stride === 1 && 2 * pad === kernel - 1;
  const [rows, columns] = [height, width].map((size) => reach(size, { kernel, stride, pad }));
  const whole = rows.taps === kernel && columns.taps === kernel;
  // TensorFlow's fast kernels know only two paddings, VALID and SAME; SAME equals ours at stride 1.
  if (same && whole && kernel > 1) return sliding(eager, x, w, { stride, padding: "SAME" });
  const taps = whole ? w : tf.slice(w, [rows.from, columns.from, 0, 0], [rows.taps, columns.taps, -1, -1]);
  const [top, left] = [rows.margins, columns.margins].map((
    [before, after],
  ): [number, number] => [before, after]);
  const padded = [...top, ...left].some((margin) => margin > 0) ? tf.pad(x, [[0, 0], top, left, [0, 0]]) : x;
  const pointwise = rows.taps * columns.taps === 1;
  const covering = rows.taps === padded.shape[1] && columns.taps === padded.shape[2];
  if (pointwise || covering) {
    return products(eager, pointwise ? thinned(eager, padded, stride) : padded, taps);
  }
  return sliding(eager, padded, taps, { stride, padding: "VALID" });
}

/**
 * Reach along an axis of `size` pixels. On maps as small as the last ones of ResNet50, most taps of a padded
 * kernel meet only padding.
 */
function reach(
  size: number,
  { kernel, stride, pad }: { readonly kernel: number; readonly stride: number; readonly pad: number },
): Reach {
  const outputs = outputSize(size, { kernel, stride, pad });
  const meets = (tap: number) =>
    Array.from({ length: outputs }, (_, i) => i * stride + tap - pad).some((at) => at >= 0 && at < size);
  const used = Array.from({ length: kernel }, (_, tap) => tap).filter(meets);
  const from = used[0], taps = used[used.length - 1] + 1 - from, before = pad - from;
  return { from, taps, margins: [before, Math.max(0, (outputs - 1) * stride + taps - size - before)] };
}

function sliding(eager: Eager, x: tf.Tensor4D, w: tf.Tensor4D, how: Sliding): tf.Tensor4D {
  return apply([x, w], {
    forward(save) {
      save([x, w]);
      return eager.conv2d(x, w, how) as tf.Tensor4D;
    },
    backward: (dy, [x, w]) => [
      () => eager.conv2dInput(dy, w, { ...how, shape: x.shape }),
      () => eager.conv2dWeights(x, dy, { ...how, shape: w.shape }),
    ],
  });
}

/** Convolution with a kernel of one pixel or of the input's size: a matrix product, which is faster. */
function products(eager: Eager, x: tf.Tensor4D, w: tf.Tensor4D): tf.Tensor4D {
  const [images, height, width] = x.shape, [tall, wide, , outputs] = w.shape;
  const shape: Rank4 = [images, height - tall + 1, width - wide + 1, outputs];
  const rows = (x: tf.Tensor) => tf.reshape(x, [images * shape[1] * shape[2], -1]);
  const matrix = (w: tf.Tensor) => tf.reshape(w, [-1, outputs]);
  return apply([x, w], {
    forward(save) {
      save([x, w]);
      return tf.reshape(eager.matMul(rows(x), matrix(w)), shape);
    },
    backward: (dy, [x, w]) => [
      () => tf.reshape(eager.matMulTransposed(rows(dy), matrix(w)), x.shape),
      () => tf.reshape(eager.matMul(rows(x), rows(dy), { a: true }), w.shape),
    ],
  });
}

/** The pixels that a kernel of one pixel meets. */
function thinned(eager: Eager, x: tf.Tensor4D, stride: number): tf.Tensor4D {
  if (stride === 1 || x.shape[1] * x.shape[2] === 1) return x;
  return apply([x], {
    forward: () => eager.thin(x, stride) as tf.Tensor4D,
    backward: (dy) => [() => eager.thinBack(dy, { shape: x.shape, stride })],
  });
}
