/**
 * Seeded tensors and a float64 implementation of the operations, written as the formulas are, for the tests beside it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { fail } from "@std/assert";
import { random } from "../../../../treenet/random.ts";
import type { Ops, PathwayParams, PathwaySpec } from "../../../../treenet/nn/types.ts";

/** An array with a shape, in float64. */
export interface Values {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** Standard normal values, already rounded to float32. */
export function values(shape: readonly number[], seed: number, scale = 1): Values {
  const stream = random(seed), size = shape.reduce((a, b) => a * b, 1);
  return { shape, data: Float64Array.from({ length: size }, () => Math.fround(scale * stream.normal())) };
}

export function tensor<T extends tf.Tensor>({ shape, data }: Values): T {
  return tf.tensor(Float32Array.from(data), [...shape], "float32") as T;
}

/** Images, then weights, biases, gammas and betas of a stack of pathways. */
export function pathwayInputs(
  { leaves, channels, kernel }: PathwaySpec,
  [n, height, width]: readonly [number, number, number],
): readonly Values[] {
  const before = [3, ...channels], inner = channels.slice(0, -1);
  return [
    values([n, height, width, 3], 1),
    ...channels.map((c, l) =>
      values([leaves, kernel, kernel, before[l], c], 10 + l, 1.5 / (kernel * Math.sqrt(before[l])))
    ),
    ...channels.map((c, l) => values([leaves, c], 20 + l, 0.3)),
    ...inner.map((c, l) => values([leaves, c], 30 + l)),
    ...inner.map((c, l) => values([leaves, c], 40 + l)),
  ];
}

/** The parameters among those inputs. */
export function pathwayParams(inputs: readonly tf.Tensor[], { channels }: PathwaySpec): PathwayParams {
  const l = channels.length;
  return {
    weights: inputs.slice(1, 1 + l),
    biases: inputs.slice(1 + l, 1 + 2 * l),
    gammas: inputs.slice(1 + 2 * l, 3 * l),
    betas: inputs.slice(3 * l),
  };
}

/** Output, and gradients of Σ(output ⊙ dy) by every input. */
export function outputAndGradients(
  apply: (...inputs: tf.Tensor[]) => tf.Tensor,
  inputs: readonly Values[],
  dy: Values,
): readonly Float32Array[] {
  return tf.tidy(() => {
    const tensors = inputs.map((input) => tensor(input));
    const gradients = tf.grads(apply)(tensors, tensor(dy));
    return [apply(...tensors), ...gradients].map((one) => one.dataSync() as Float32Array);
  });
}

/** The same for pathways. */
export function pathwayOutputAndGradients(
  ops: Ops,
  { spec, inputs, dy }: {
    readonly spec: PathwaySpec;
    readonly inputs: readonly Values[];
    readonly dy: Values;
  },
): readonly Float32Array[] {
  return outputAndGradients(
    (...tensors) => ops.pathways(tensors[0] as tf.Tensor4D, pathwayParams(tensors, spec), spec),
    inputs,
    dy,
  );
}

/** Fails unless |actual − expected| ≤ tolerance · (1 + max |expected|). */
export function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  if (actual.length !== expected.length) fail(`${actual.length} values, expected ${expected.length}`);
  let scale = 1;
  for (let i = 0; i < expected.length; i++) scale = Math.max(scale, 1 + Math.abs(expected[i]));
  for (let i = 0; i < expected.length; i++) {
    if (Math.abs(actual[i] - expected[i]) <= tolerance * scale) continue;
    fail(`value ${i} is ${actual[i]}, expected ${expected[i]} within ${tolerance * scale}`);
  }
}

/** x [N, H, W, C] ∗ w [k, k, C, O] with stride and zero padding. */
export function conv2d(x: Values, w: Values, { stride, pad }: { stride: number; pad: number }): Values {
  const [n, height, width, inputs] = x.shape, [kernel, , , outputs] = w.shape;
  const [tall, wide] = [height, width].map((size) => Math.floor((size + 2 * pad - kernel) / stride) + 1);
  const data = new Float64Array(n * tall * wide * outputs);
  const terms = indices([n, tall, wide, outputs, kernel, kernel, inputs]);
  for (const [i, y, u, o, ky, kx, c] of terms) {
    const [row, column] = [y * stride + ky - pad, u * stride + kx - pad];
    if (row < 0 || column < 0 || row >= height || column >= width) continue;
    data[((i * tall + y) * wide + u) * outputs + o] +=
      x.data[((i * height + row) * width + column) * inputs + c] *
      w.data[((ky * kernel + kx) * inputs + c) * outputs + o];
  }
  return { shape: [n, tall, wide, outputs], data };
}

/** All pathways: [N, m, C]. */
export function pathways(inputs: readonly Values[], spec: PathwaySpec): Values {
  const layers = spec.channels.length, n = inputs[0].shape[0], width = spec.channels[layers - 1];
  const data = new Float64Array(n * spec.leaves * width);
  for (let leaf = 0; leaf < spec.leaves; leaf++) {
    const of = (index: number): Values => {
      const [leaves, ...shape] = inputs[index].shape, each = inputs[index].data.length / leaves;
      return { shape, data: inputs[index].data.subarray(leaf * each, (leaf + 1) * each) };
    };
    let x = inputs[0];
    for (let l = 0; l < layers; l++) {
      if (l > 0) x = groupNorm(x, of(2 * layers + l), of(3 * layers - 1 + l));
      const y = conv2d(x, of(1 + l), { stride: spec.strides[l], pad: 0 }), bias = of(1 + layers + l).data;
      x = { shape: y.shape, data: y.data.map((value, i) => Math.max(0, value + bias[i % bias.length])) };
    }
    const each = x.data.length / n;
    x.data.forEach((value, i) => {
      data[(Math.floor(i / each) * spec.leaves + leaf) * width + i % width] += value * width / each;
    });
  }
  return { shape: [n, spec.leaves, width], data };
}

function groupNorm({ shape, data }: Values, gamma: Values, beta: Values): Values {
  const each = data.length / shape[0], channels = shape[3], out = new Float64Array(data.length);
  for (let from = 0; from < data.length; from += each) {
    const image = data.subarray(from, from + each), mean = image.reduce((a, b) => a + b, 0) / each;
    const variance = image.reduce((sum, value) => sum + (value - mean) ** 2, 0) / each;
    image.forEach((value, i) => {
      const c = i % channels;
      out[from + i] = (value - mean) / Math.sqrt(variance + 1e-5) * gamma.data[c] + beta.data[c];
    });
  }
  return { shape, data: out };
}

function* indices(shape: readonly number[]): Generator<readonly number[]> {
  const at = shape.map(() => 0);
  if (shape.includes(0)) return;
  for (;;) {
    yield at;
    let axis = shape.length - 1;
    while (axis >= 0 && ++at[axis] === shape[axis]) at[axis--] = 0;
    if (axis < 0) return;
  }
}

/**
 * d/dt Σ(f(inputs + t · direction of input `index`) ⊙ dy) at 0 by central differences in float64, beside the same number
 * from the gradient.
 */
export function directionalDerivative(
  f: (inputs: readonly Values[]) => Values,
  inputs: readonly Values[],
  { index, dy, gradient }: { readonly index: number; readonly dy: Values; readonly gradient: Float32Array },
): { readonly numeric: number; readonly analytic: number } {
  const step = 1e-6, direction = values(inputs[index].shape, 99).data;
  const at = (t: number) => {
    const moved = inputs.map((input, i) =>
      i === index ? { ...input, data: input.data.map((value, j) => value + t * direction[j]) } : input
    );
    return f(moved).data.reduce((sum, value, i) => sum + value * dy.data[i], 0);
  };
  return {
    numeric: (at(step) - at(-step)) / (2 * step),
    analytic: direction.reduce((sum, value, i) => sum + value * gradient[i], 0),
  };
}
