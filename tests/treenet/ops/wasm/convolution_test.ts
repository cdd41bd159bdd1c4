import * as tf from "@tensorflow/tfjs-core";
import { assertAlmostEquals, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { loadOps } from "../../../../treenet/ops/mod.ts";
import type { Ops } from "../../../../treenet/nn/types.ts";
import {
  assertClose,
  conv2d,
  directionalDerivative,
  outputAndGradients,
  tensor,
  type Values,
  values,
} from "./ops_support.ts";

interface Shape {
  readonly n: number;
  readonly size: readonly [number, number];
  readonly kernel: number;
  readonly stride: number;
  readonly pad: number;
  readonly channels: readonly [number, number];
}

/** Kernel, stride and padding of ResNet50's convolutions, on small maps; and corners. */
const SHAPES: readonly Shape[] = [
  { n: 2, size: [11, 9], kernel: 7, stride: 2, pad: 3, channels: [3, 8] },
  { n: 5, size: [4, 4], kernel: 3, stride: 1, pad: 1, channels: [16, 12] },
  { n: 3, size: [5, 4], kernel: 3, stride: 2, pad: 1, channels: [8, 20] },
  { n: 70, size: [1, 1], kernel: 3, stride: 1, pad: 1, channels: [8, 9] },
  { n: 3, size: [7, 6], kernel: 1, stride: 2, pad: 0, channels: [12, 8] },
  { n: 1, size: [3, 8], kernel: 3, stride: 3, pad: 0, channels: [5, 7] },
  { n: 2, size: [6, 6], kernel: 5, stride: 1, pad: 4, channels: [6, 4] },
  { n: 1, size: [2, 2], kernel: 1, stride: 1, pad: 0, channels: [600, 8] },
];

function inputsOf({ n, size, kernel, channels: [c, o] }: Shape): readonly [Values, Values] {
  return [values([n, ...size, c], 1), values([kernel, kernel, c, o], 2, 1 / (kernel * Math.sqrt(c)))];
}

function run(ops: Ops, shape: Shape, inputs: readonly Values[], dy: Values): readonly Float32Array[] {
  return outputAndGradients((x, w) => ops.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, shape), inputs, dy);
}

Deno.test("conv2d equals the float64 formula, and its gradients the finite differences", async () => {
  const ops = await loadOps("wasm", { cores: 2 });
  for (const shape of SHAPES) {
    const inputs = inputsOf(shape),
      f = ([x, w]: readonly Values[]) => conv2d(x, w, shape),
      expected = f(inputs);
    const dy = values(expected.shape, 3), [output, ...gradients] = run(ops, shape, inputs, dy);
    assertClose(output, expected.data, 1e-5);
    for (const [index, gradient] of gradients.entries()) {
      const { numeric, analytic } = directionalDerivative(f, inputs, { index, dy, gradient });
      assertAlmostEquals(analytic, numeric, 1e-4 * (1 + Math.abs(numeric)), JSON.stringify({ shape, index }));
    }
  }
  ops.close();
});

Deno.test("conv2d equals the stock one in output and gradients, for any kernel, stride and padding", async () => {
  const [fast, stock] = [await loadOps("wasm", { cores: 2 }), await loadOps("cpu", { cores: 1 })];
  const small = (min: number, max: number) => fc.integer({ min, max });
  const shapes = fc.record({
    n: small(1, 5),
    size: fc.tuple(small(1, 9), small(1, 9)),
    kernel: small(1, 7),
    stride: small(1, 3),
    pad: small(0, 3),
    channels: fc.tuple(small(1, 9), small(1, 18)),
  }).filter(({ size, kernel, pad }) => Math.min(...size) + 2 * pad >= kernel);
  const property = fc.asyncProperty(shapes, async (shape) => {
    const inputs = inputsOf(shape), dy = values(conv2d(inputs[0], inputs[1], shape).shape, 3);
    await tf.setBackend("wasm");
    const actual = run(fast, shape, inputs, dy);
    await tf.setBackend("cpu");
    const expected = run(stock, shape, inputs, dy);
    for (const [i, one] of actual.entries()) assertClose(one, expected[i], 1e-5);
  });
  await fc.assert(property, { numRuns: 60, seed: 2 });
  fast.close();
});

Deno.test("matMul equals the stock one in output and gradients, thin, wide and deep", async () => {
  const [fast, stock] = [await loadOps("wasm", { cores: 2 }), await loadOps("cpu", { cores: 1 })];
  for (
    const [n, k, d] of [[1, 1, 1], [3, 5, 7], [200, 12, 30], [2, 1100, 9], [7, 8, 1030], [64, 512, 64], [
      400,
      40,
      5,
    ]]
  ) {
    const inputs = [values([n, k], 1), values([k, d], 2, 1 / Math.sqrt(k))], dy = values([n, d], 3);
    const results: (readonly Float32Array[])[] = [];
    for (const ops of [fast, stock]) {
      await tf.setBackend(ops.name);
      results.push(outputAndGradients((x, w) => ops.matMul(x as tf.Tensor2D, w as tf.Tensor2D), inputs, dy));
    }
    for (const [i, one] of results[0].entries()) assertClose(one, results[1][i], 1e-5);
  }
  fast.close();
});

Deno.test("groupedLinear equals the stock one in output and gradients", async () => {
  const [fast, stock] = [await loadOps("wasm", { cores: 2 }), await loadOps("cpu", { cores: 1 })];
  for (const [n, m, c, d] of [[1, 1, 1, 1], [5, 3, 6, 10], [1, 8, 64, 12], [130, 4, 20, 128]]) {
    const inputs = [values([n, m, c], 1), values([m, c, d], 2, 1 / Math.sqrt(c)), values([m, d], 4)];
    const dy = values([n, m, d], 3), results: (readonly Float32Array[])[] = [];
    for (const ops of [fast, stock]) {
      await tf.setBackend(ops.name);
      const apply = (...[x, w, b]: tf.Tensor[]) =>
        ops.groupedLinear(x as tf.Tensor3D, w as tf.Tensor3D, b as tf.Tensor2D);
      results.push(outputAndGradients(apply, inputs, dy));
    }
    for (const [i, one] of results[0].entries()) assertClose(one, results[1][i], 1e-5);
  }
  fast.close();
});

Deno.test("convolutions and products give the same bits on 1, 2 and 3 threads", async () => {
  const wide: Shape = { n: 9, size: [12, 12], kernel: 3, stride: 1, pad: 1, channels: [32, 48] };
  for (const shape of [wide, ...SHAPES]) {
    const inputs = inputsOf(shape), dy = values(conv2d(inputs[0], inputs[1], shape).shape, 3);
    const runs: (readonly Float32Array[])[] = [];
    for (const cores of [1, 2, 3]) {
      const ops = await loadOps("wasm", { cores });
      runs.push(run(ops, shape, inputs, dy));
      ops.close();
    }
    assertEquals(runs[1], runs[0]);
    assertEquals(runs[2], runs[0]);
  }
});

Deno.test("a kernel larger than its padded input is refused in words", async () => {
  for (const backend of ["wasm", "cpu"] as const) {
    const ops = await loadOps(backend, { cores: 1 });
    const [x, w] = [
      tensor<tf.Tensor4D>(values([1, 2, 2, 3], 1)),
      tensor<tf.Tensor4D>(values([5, 5, 3, 4], 1)),
    ];
    const error = assertThrows(() => ops.conv2d(x, w, { stride: 1, pad: 1 }), RangeError) as Error;
    assertStringIncludes(error.message, "Cannot convolve 2 × 2 pixels with a 5 × 5 kernel and padding 1");
    tf.dispose([x, w]);
    ops.close();
  }
});

Deno.test("operands that do not fit together are refused in words", async () => {
  const ops = await loadOps("wasm", { cores: 1 });
  const [x, w] = [tensor<tf.Tensor2D>(values([2, 3], 1)), tensor<tf.Tensor2D>(values([4, 5], 1))];
  const error = assertThrows(() => ops.matMul(x, w), RangeError) as Error;
  assertEquals(error.message, "Cannot apply matMul: input 1 is float32 [4,5], expected float32 [3,5]");
  tf.dispose([x, w]);
  ops.close();
});

Deno.test("second derivatives are refused in words", async () => {
  const ops = await loadOps("wasm", { cores: 1 });
  const w = tensor<tf.Tensor2D>(values([3, 3], 1));
  const first = (x: tf.Tensor) => tf.grad((y) => tf.sum(tf.square(ops.matMul(y as tf.Tensor2D, w))))(x);
  const error = assertThrows(() => tf.grad((x) => tf.sum(first(x)))(w), Error) as Error;
  assertStringIncludes(error.message, "Cannot differentiate the gradient of matMul");
  w.dispose();
  ops.close();
});
