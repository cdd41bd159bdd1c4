import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { loadOps } from "../../../../treenet/ops/mod.ts";
import type { PathwaySpec } from "../../../../treenet/nn/types.ts";
import {
  assertClose,
  directionalDerivative,
  pathwayInputs,
  pathwayOutputAndGradients,
  pathwayParams,
  pathways,
  tensor,
  values,
} from "./ops_support.ts";

const SPECS: readonly {
  readonly name: string;
  readonly spec: PathwaySpec;
  readonly n: number;
  readonly size: readonly [number, number];
}[] = [
  {
    name: "one leaf, one layer",
    spec: { leaves: 1, channels: [5], kernel: 2, strides: [1] },
    n: 1,
    size: [4, 3],
  },
  {
    name: "three leaves, odd channels",
    spec: { leaves: 3, channels: [5, 7, 9], kernel: 2, strides: [1, 1, 1] },
    n: 5,
    size: [7, 9],
  },
  {
    name: "the paper's leaf at 13 pixels",
    spec: { leaves: 1, channels: [8, 16, 32, 48, 64], kernel: 2, strides: [1, 1, 1, 1, 1] },
    n: 1,
    size: [13, 13],
  },
  {
    name: "layers in Winograd's form, odd channels, more images than a block",
    spec: { leaves: 2, channels: [15, 21, 30], kernel: 2, strides: [1, 1, 1] },
    n: 15,
    size: [9, 8],
  },
  {
    name: "strides 2, 1, 1, 2, 1",
    spec: { leaves: 8, channels: [8, 16, 12, 20, 16], kernel: 2, strides: [2, 1, 1, 2, 1] },
    n: 5,
    size: [17, 18],
  },
  {
    name: "strides 3 and 2, kernel 3",
    spec: { leaves: 2, channels: [6, 10], kernel: 3, strides: [3, 2] },
    n: 2,
    size: [15, 16],
  },
  {
    name: "stride above kernel",
    spec: { leaves: 2, channels: [4, 8], kernel: 1, strides: [2, 3] },
    n: 2,
    size: [9, 8],
  },
  {
    name: "more images than a block",
    spec: { leaves: 1, channels: [8, 8], kernel: 2, strides: [2, 2] },
    n: 29,
    size: [5, 5],
  },
];

Deno.test("the fast pathways equal the float64 formula, and their gradients its finite differences", async (t) => {
  const ops = await loadOps("wasm", { cores: 2 });
  for (const { name, spec, n, size } of SPECS) {
    await t.step(name, () => {
      const inputs = pathwayInputs(spec, [n, ...size]),
        dy = values([n, spec.leaves, spec.channels.at(-1)!], 7);
      const [output, ...gradients] = pathwayOutputAndGradients(ops, { spec, inputs, dy });
      assertClose(output, pathways(inputs, spec).data, 1e-5);
      for (const [index, gradient] of gradients.entries()) {
        const { numeric, analytic } = directionalDerivative((all) => pathways(all, spec), inputs, {
          index,
          dy,
          gradient,
        });
        assertAlmostEquals(analytic, numeric, 2e-4 * (1 + Math.abs(numeric)), `input ${index}`);
      }
    });
  }
  ops.close();
});

Deno.test("the fast pathways equal the stock ones in output and every gradient, for any shape", async () => {
  const [fast, stock] = [await loadOps("wasm", { cores: 2 }), await loadOps("cpu", { cores: 1 })];
  const shapes = fc.record({
    leaves: fc.integer({ min: 1, max: 4 }),
    kernel: fc.integer({ min: 1, max: 3 }),
    layers: fc.array(
      fc.record({ c: fc.integer({ min: 2, max: 22 }), stride: fc.integer({ min: 1, max: 3 }) }),
      { minLength: 1, maxLength: 3 },
    ),
    n: fc.integer({ min: 1, max: 5 }),
    extra: fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 })),
  });
  const property = fc.asyncProperty(shapes, async ({ leaves, kernel, layers, n, extra }) => {
    const spec = {
      leaves,
      kernel,
      channels: layers.map(({ c }) => c),
      strides: layers.map(({ stride }) => stride),
    };
    const least = spec.strides.reduceRight((size, stride) => (size - 1) * stride + kernel, 2);
    const inputs = pathwayInputs(spec, [n, least + extra[0], least + extra[1]]);
    const dy = values([n, leaves, spec.channels.at(-1)!], 5);
    await tf.setBackend("wasm");
    const actual = pathwayOutputAndGradients(fast, { spec, inputs, dy });
    await tf.setBackend("cpu");
    const expected = pathwayOutputAndGradients(stock, { spec, inputs, dy });
    for (const [i, one] of actual.entries()) assertClose(one, expected[i], 1e-4);
  });
  await fc.assert(property, { numRuns: 30, seed: 1 });
  fast.close();
});

Deno.test("pathway gradients by pixel equal the stock ones, leaf by leaf", async () => {
  const spec = { leaves: 3, channels: [6, 8, 12], kernel: 2, strides: [2, 1, 1] },
    inputs = pathwayInputs(spec, [5, 11, 9]);
  const dy = values([5, 3, 12], 3), results: Float32Array[] = [];
  for (const backend of ["wasm", "cpu"] as const) {
    const ops = await loadOps(backend, { cores: 2 });
    tf.tidy(() => {
      const tensors = inputs.map((input) => tensor(input));
      results.push(
        ops.pathwayGradients(tensors[0] as tf.Tensor4D, pathwayParams(tensors, spec), spec, tensor(dy)),
      );
    });
    ops.close();
  }
  assertEquals(results[0].length, 5 * 3 * 11 * 9 * 3);
  assertClose(results[0], results[1], 1e-5);
});

Deno.test("pathways give the same bits on 1, 2 and 3 threads, and on every run", async () => {
  for (const { spec, n, size } of SPECS) {
    const inputs = pathwayInputs(spec, [n, ...size]), dy = values([n, spec.leaves, spec.channels.at(-1)!], 7);
    const runs: (readonly Float32Array[])[] = [];
    for (const cores of [1, 2, 3, 2]) {
      const ops = await loadOps("wasm", { cores });
      runs.push(pathwayOutputAndGradients(ops, { spec, inputs, dy }));
      ops.close();
    }
    for (const run of runs.slice(1)) assertEquals(run, runs[0]);
  }
});

Deno.test("two forward passes before one backward pass keep what each needs", async () => {
  const spec = { leaves: 2, channels: [8, 12], kernel: 2, strides: [1, 2] };
  const [large, ...params] = pathwayInputs(spec, [3, 9, 9]), small = values([3, 6, 6, 3], 77);
  const results: Float32Array[][] = [];
  for (const backend of ["wasm", "cpu"] as const) {
    const ops = await loadOps(backend, { cores: 2 });
    const loss = (...weights: tf.Tensor[]) => {
      const [a, b] = [large, small].map((images) => {
        const x = tensor<tf.Tensor4D>(images);
        return tf.mean(tf.square(ops.pathways(x, pathwayParams([x, ...weights], spec), spec)));
      });
      return tf.add(a, tf.mul(2, b)) as tf.Scalar;
    };
    results.push(
      tf.tidy(() =>
        tf.grads(loss)(params.map((one) => tensor(one))).map((g) => g.dataSync() as Float32Array)
      ),
    );
    ops.close();
  }
  for (const [i, gradient] of results[0].entries()) assertClose(gradient, results[1][i], 1e-5);
});

Deno.test("pathways leak no tensor", async () => {
  const ops = await loadOps("wasm", { cores: 2 }), { spec } = SPECS[1], before = tf.memory().numTensors;
  const inputs = pathwayInputs(spec, [5, 7, 9]), dy = values([5, 3, 9], 7);
  for (let i = 0; i < 3; i++) pathwayOutputAndGradients(ops, { spec, inputs, dy });
  assertEquals(tf.memory().numTensors, before);
  ops.close();
});

Deno.test("images too small for the stack are refused in words", async () => {
  for (const backend of ["wasm", "cpu"] as const) {
    const ops = await loadOps(backend, { cores: 1 });
    const spec = { leaves: 1, channels: [4, 4], kernel: 2, strides: [2, 1] },
      tensors = pathwayInputs(spec, [1, 3, 3]).map((v) => tensor(v));
    const error = assertThrows(
      () => ops.pathways(tensors[0] as tf.Tensor4D, pathwayParams(tensors, spec), spec),
      RangeError,
    );
    assertStringIncludes((error as Error).message, "Cannot convolve 1 × 1 pixels");
    assert(!/\.$/.test((error as Error).message));
    tf.dispose(tensors);
    ops.close();
  }
});
