/**
 * `deno bench -A tests/bench/kernel_bench.ts` prints a table of the kernels' rates, layer by layer, on one core and on two,
 * beside what this machine can do at most; then it times TensorFlow.js' own convolution, and a whole forward and backward
 * pass through eight leaves. `--json` (`deno run -A tests/bench/kernel_bench.ts --json`) prints the rates alone.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { loadOps } from "../../stages/treenet/ops/mod.ts";
import { compileKernel } from "../../stages/treenet/ops/kernel.ts";
import type { PathwaySpec } from "../../stages/treenet/types.ts";
import { pathwayInputs, pathwayParams, tensor, values } from "../treenet/ops/support.ts";
import { compileCeiling } from "./ceiling.ts";
import type { Modules, Rate } from "./layer_rates.ts";

const MODES = [["mul + add", false], ["relaxed FMA", true]] as const;

/** Of so many cores at once, their rates added up. */
interface Row extends Rate {
  readonly mode: string;
  readonly cores: number;
  /** Of the ceiling in the same mode on as many cores. */
  readonly ofCeiling: number;
}

const rows: Row[] = [];
for (const [mode, fma] of MODES) {
  const modules = { kernel: await compileKernel({ fma }), ceiling: await compileCeiling({ fma }) };
  for (const cores of [1, 2]) rows.push(...await rowsOf(mode, { modules, cores }));
}
if (Deno.args.includes("--json")) console.log(JSON.stringify(rows));
else {
  console.log(
    "GFLOP/s by the convolution's definition, and (of what is done for it) per cent of the ceiling\n",
  );
  for (const key of new Set(rows.map(({ what, step }) => `${what}|${step}`))) {
    const [what, step] = key.split("|");
    const cells = rows.filter((row) => row.what === what && row.step === step)
      .map(({ mode, cores, gflops, ofCeiling }) =>
        `${mode}, ${cores}: ${gflops.toFixed(1)} (${(100 * ofCeiling).toFixed(0)}%)`
      );
    console.log(`${what} ${step === "ceiling" ? "" : step}`.padEnd(28), cells.join("  "));
  }
}

async function rowsOf(
  mode: string,
  { modules, cores }: { readonly modules: Modules; readonly cores: number },
): Promise<readonly Row[]> {
  const all = await Promise.all(Array.from({ length: cores }, () => ratesOf(modules)));
  const summed = all[0].map((rate, i) => ({
    ...rate,
    gflops: all.reduce((sum, one) => sum + one[i].gflops, 0),
    done: all.reduce((sum, one) => sum + one[i].done, 0),
  }));
  return summed.map((rate) => ({ ...rate, mode, cores, ofCeiling: rate.done / summed[0].done }));
}

function ratesOf(modules: Modules): Promise<readonly Rate[]> {
  const worker = new Worker(new URL("./layer_rates.ts", import.meta.url), { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => {
      worker.terminate();
      resolve(data);
    };
    worker.onerror = (event) => reject(new Error(`Cannot measure kernels: ${event.message}`));
    worker.postMessage(modules);
  });
}

if (!Deno.args.includes("--json")) {
  const ops = { 1: await loadOps("wasm", { cores: 1 }), 2: await loadOps("wasm", { cores: 2 }) };
  const [images, w] = [
    tensor<tf.Tensor4D>(values([1, 29, 29, 32], 1)),
    tensor<tf.Tensor4D>(values([2, 2, 32, 48], 2)),
  ];
  Deno.bench("tfjs conv2d 32→48 at 29 px, 9.63 MFLOP", () => tf.conv2d(images, w, 1, "valid").dispose());
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
}
