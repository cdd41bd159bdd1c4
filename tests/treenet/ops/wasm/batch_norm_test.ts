import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { batchNorm } from "../../../../treenet/nn/batch_norm.ts";
import { loadOps } from "../../../../treenet/ops/mod.ts";
import type { Ops } from "../../../../treenet/nn/types.ts";
import { assertClose, outputAndGradients, tensor, type Values, values } from "./ops_support.ts";

const shapes = fc.record({
  n: fc.integer({ min: 1, max: 60 }),
  size: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4 })),
  channels: fc.integer({ min: 1, max: 70 }),
  relu: fc.boolean(),
}).filter(({ n, size }) => n * size[0] * size[1] > 1);

type Shape = typeof shapes extends fc.Arbitrary<infer T> ? T : never;

/** Output, gradients by x, γ and β, and the running statistics after the batch. */
function run(ops: Ops, { n, size, channels, relu }: Shape): readonly Float32Array[] {
  const inputs: readonly Values[] = [
    values([n, ...size, channels], 1, 2),
    values([channels], 2),
    values([channels], 3),
  ];
  const buffers: Float32Array[] = [];
  const apply = (...[x, weight, bias]: tf.Tensor[]) => {
    const params = {
      "bn.weight": weight,
      "bn.bias": bias,
      "bn.running_mean": tf.zeros([channels]),
      "bn.running_var": tf.ones([channels]),
    };
    const result = batchNorm(x as tf.Tensor4D, "bn", { params, pass: { ops, training: true }, relu });
    for (const one of Object.values(result.buffers)) buffers.push(one.dataSync().slice() as Float32Array);
    return result.y;
  };
  return [...outputAndGradients(apply, inputs, values([n, ...size, channels], 4)), ...buffers.slice(0, 2)];
}

Deno.test("the kernel's batch normalisation is the composed one, with gradients and statistics", async () => {
  const ops = await loadOps("wasm", { cores: 2 }), { batchNorm: _, ...composed } = ops;
  assert(ops.batchNorm !== undefined);
  fc.assert(
    fc.property(shapes, (shape) => {
      const before = tf.memory().numTensors, found = run(ops, shape);
      assertEquals(tf.memory().numTensors, before);
      for (const [i, expected] of run(composed, shape).entries()) assertClose(found[i], expected, 2e-5);
    }),
    { numRuns: 40, seed: 5 },
  );
  ops.close();
});

Deno.test("the mean of batch-normalised values is β and their variance γ², in float64", async () => {
  const ops = await loadOps("wasm", { cores: 1 }), rows = 5000, channels = 6;
  const x = values([rows, 1, 1, channels], 1, 3);
  const [y] = tf.tidy(() => {
    const offset = tf.add(tensor<tf.Tensor4D>(x), 100); // far from zero: sums in one pass would lose the variance
    const [gamma, beta] = [tf.fill([channels], 2), tf.fill([channels], -1)];
    const inputs = { x: offset as tf.Tensor4D, gamma, beta, epsilon: 1e-5, relu: false };
    return [ops.batchNorm!(inputs).y.dataSync() as Float32Array];
  });
  for (let c = 0; c < channels; c++) {
    const column = Array.from({ length: rows }, (_, i) => y[i * channels + c]);
    const mean = column.reduce((a, b) => a + b, 0) / rows;
    const variance = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rows;
    assertClose([mean, variance], [-1, 4], 5e-5);
  }
  ops.close();
});

Deno.test("batch normalisation gives the same bits on 1, 2 and 3 threads", async () => {
  const runs: (readonly Float32Array[])[] = [];
  for (const cores of [1, 2, 3]) {
    const ops = await loadOps("wasm", { cores });
    runs.push(run(ops, { n: 50, size: [3, 3], channels: 67, relu: true }));
    ops.close();
  }
  assertEquals(runs[1], runs[0]);
  assertEquals(runs[2], runs[0]);
});
