/**
 * `deno bench -A tests/bench/kernel_bench.ts`: TensorFlow.js' own convolution, whose name says the MFLOP of one iteration
 * (divided by its time in ms that is GFLOP/s), and a whole forward and backward pass through eight leaves. The kernels
 * alone: kernels/rates_bench.ts.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { loadOps } from "../../stages/treenet/ops/mod.ts";
import type { PathwaySpec } from "../../stages/treenet/types.ts";
import { pathwayInputs, pathwayParams, tensor, values } from "../treenet/ops/support.ts";

const ops = { 1: await loadOps("wasm", { cores: 1 }), 2: await loadOps("wasm", { cores: 2 }) };
const [images, w] = [
  tensor<tf.Tensor4D>(values([1, 29, 29, 32], 1)),
  tensor<tf.Tensor4D>(values([2, 2, 32, 48], 2)),
];
Deno.bench(
  "tfjs conv2d 32→48 at 29 px, 9.63 MFLOP",
  () => tf.conv2d(images, w, 1, "valid").dispose(),
);

for (const strides of [[1, 1, 1, 1, 1], [2, 1, 1, 2, 1]]) {
  for (const cores of [1, 2] as const) {
    const spec: PathwaySpec = { leaves: 8, channels: [8, 16, 32, 48, 64], kernel: 2, strides };
    const inputs = pathwayInputs(spec, [64, 32, 32]).map((one) => tensor(one)), [x, ...params] = inputs;
    const group = `8 leaves, 64 images, strides ${strides}`;
    Deno.bench(`step: ${group}, ${cores} threads`, { group, n: 5 }, () => {
      const loss = (...all: tf.Tensor[]) =>
        tf.sum<tf.Scalar>(ops[cores].pathways(x as tf.Tensor4D, pathwayParams([x, ...all], spec), spec));
      tf.dispose(tf.grads(loss)(params));
    });
  }
}
