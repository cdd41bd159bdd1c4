/**
 * `deno bench -A tests/bench/kernel_bench.ts`: the convolutions of a leaf and of the CNN on one thread (the name says
 * the MFLOP of one iteration: divided by its time in ms that is GFLOPS), TensorFlow.js' own convolution beside one of
 * them, and a whole forward and backward pass through eight leaves.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { backwardPlan, forwardPlan, pairPlan } from "../../stages/treenet/ops/geometry.ts";
import { PAIRS, PANEL, TILES } from "../../stages/treenet/ops/convolution_jobs.ts";
import { Heap } from "../../stages/treenet/ops/heap.ts";
import { compileKernel, startKernel } from "../../stages/treenet/ops/kernel.ts";
import { loadOps } from "../../stages/treenet/ops/mod.ts";
import type { PathwaySpec } from "../../stages/treenet/types.ts";
import { pathwayInputs, pathwayParams, tensor, values } from "../treenet/ops/support.ts";

const heap = new Heap(128), kernel = await startKernel(await compileKernel(), heap.memory);
const LAYERS = [[32, 4, 8], [31, 8, 16], [30, 16, 32], [29, 32, 48], [28, 48, 64], [30, 128, 256], [
  28,
  512,
  1028,
]];

for (const [size, inputs, outputs] of LAYERS) {
  const geometry = { height: size, width: size, kernel: 2, stride: 1, pad: 0, inputs, outputs };
  const [forward, backward, pairs] = [
    forwardPlan(geometry, 1),
    backwardPlan(geometry, 1),
    pairPlan(geometry, 1),
  ];
  const floats = (n: number) => {
    const address = heap.allocate(4 * n);
    heap.floats(address, n).set(values([n], 1, 1e-3).data);
    return address;
  };
  const words = (list: Int32Array) => {
    const address = heap.allocate(4 * list.length);
    heap.words(address, list.length).set(list);
    return address;
  };
  const [x, y, dw] = [size ** 2 * inputs, (size - 1) ** 2 * outputs, 4 * inputs * outputs].map(floats);
  const packed = floats(4 * (inputs + PANEL) * (outputs + PANEL));
  const plans = [forward, backward, pairs].map((plan) => words(plan.words));
  const megaflop = 8 * (size - 1) ** 2 * inputs * outputs / 1e6;
  const bench = (name: string, act: () => void) =>
    Deno.bench(
      `${name} ${inputs}→${outputs} at ${size} px, ${megaflop.toFixed(2)} MFLOP`,
      { group: name },
      act,
    );
  bench("forward", () => {
    const panels = Math.ceil(outputs / PANEL);
    kernel.convolve(
      ...[
        plans[0],
        forward.classes,
        x,
        forward.run,
        packed,
        forward.taps,
        0,
        panels,
        outputs,
        0,
        y,
        1,
        TILES,
      ] as const,
    );
  });
  bench("input gradient", () => {
    const panels = Math.ceil(inputs / PANEL);
    kernel.convolve(
      ...[
        plans[1],
        backward.classes,
        y,
        backward.run,
        packed,
        backward.taps,
        0,
        panels,
        inputs,
        0,
        x,
        0,
        TILES,
      ] as const,
    );
  });
  bench("weight gradient", () => {
    kernel.clear(dw, 16 * inputs * outputs);
    kernel.weightGradient(plans[2], 0, pairs.taps, x, pairs.run, y, outputs, 0, outputs, dw, PAIRS);
  });
}

const ops = { 1: await loadOps("wasm", { cores: 1 }), 2: await loadOps("wasm", { cores: 2 }) };
const [images, w] = [
  tensor<tf.Tensor4D>(values([1, 29, 29, 32], 1)),
  tensor<tf.Tensor4D>(values([2, 2, 32, 48], 2)),
];
Deno.bench(
  "tfjs conv2d 32→48 at 29 px, 9.63 MFLOP",
  { group: "forward" },
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
