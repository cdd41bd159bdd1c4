/**
 * `deno bench -A tools/bench/tensorflow_bench.ts`, after `deno task setup:tensorflow`: forward and backward pass through
 * eight leaves by each way to compute them. The fastest is what `strategyFor` picks on a CPU.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { tensorflowOps } from "../../treenet/ops/tensorflow/mod.ts";
import { strategyFor } from "../../treenet/ops/tensorflow/grouped_pathways.ts";
import type { Strategy } from "../../treenet/ops/tensorflow/stack_plan.ts";
import type { PathwaySpec } from "../../treenet/nn/types.ts";
import { LIBRARY } from "../../tests/conformance/backends.ts";
import { pathwayInputs, pathwayParams, tensor } from "../../tests/treenet/ops/wasm/ops_support.ts";

const MIB = 2 ** 20;
const STRATEGIES: readonly (readonly [string, Strategy])[] = [
  ["own operations, activations up to 3 MiB", { way: "fused", chunkBytes: 3 * MIB }],
  ["own operations, activations up to 6 MiB", { way: "fused", chunkBytes: 6 * MIB }],
  ["own operations, activations up to 12 MiB", { way: "fused", chunkBytes: 12 * MIB }],
  ["own operations, the whole batch", { way: "fused", chunkBytes: Infinity }],
  ["leaf by leaf, activations up to 6 MiB", { way: "single", chunkBytes: 6 * MIB }],
  ["grouped, activations up to 6 MiB", { way: "grouped", chunkBytes: 6 * MIB }],
  ["grouped, the whole batch, as on a GPU", strategyFor({ gpu: true })],
];

for (const strides of [[1, 1, 1, 1, 1], [2, 1, 1, 2, 1]]) {
  const spec: PathwaySpec = { leaves: 8, channels: [8, 16, 32, 48, 64], kernel: 2, strides };
  for (const [name, strategy] of STRATEGIES) {
    const group = `8 leaves, 128 images, strides ${strides}`;
    const set = LIBRARY === undefined ? undefined : await prepare(spec, strategy);
    Deno.bench({ name: `${name}: ${group}`, group, n: 5, ignore: set === undefined, fn: () => set!() });
  }
}

async function prepare(spec: PathwaySpec, strategy: Strategy): Promise<() => void> {
  const ops = await tensorflowOps({ cores: 2, library: LIBRARY, strategy });
  const [x, ...params] = pathwayInputs(spec, [128, 32, 32]).map((one) => tensor(one));
  const loss = (...all: tf.Tensor[]) =>
    tf.sum<tf.Scalar>(ops.pathways(x as tf.Tensor4D, pathwayParams([x, ...all], spec), spec));
  return () => tf.dispose(tf.grads(loss)(params));
}
