/**
 * `deno bench -A tools/bench/kernel_bench.ts`: a whole forward and backward pass through eight leaves on one thread and
 * two. The kernels alone: `deno task bench:kernels`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { loadOps } from "../../treenet/ops/mod.ts";
import type { PathwaySpec } from "../../treenet/nn/types.ts";
import { pathwayInputs, pathwayParams, tensor } from "../../tests/treenet/ops/wasm/ops_support.ts";

const ops = { 1: await loadOps("wasm", { cores: 1 }), 2: await loadOps("wasm", { cores: 2 }) };

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
