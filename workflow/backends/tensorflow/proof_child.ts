/**
 * Loads an addon in a process of its own, like a stage, and multiplies two matrices. Prints one line of JSON.
 *
 * @module
 */
import { createRequire } from "node:module";
import util from "node:util";
import * as tf from "@tensorflow/tfjs-core";

/** Facts about the loaded addon. */
export interface Loaded {
  /** Version of the library that it links. */
  readonly tensorflow: string;
  /** True if TensorFlow placed its tensors on a GPU. */
  readonly gpu: boolean;
}

// tfjs-node needs them, and Deno's node:util lacks them.
Object.assign(util, {
  isNullOrUndefined: (value: unknown) => value === null || value === undefined,
  isArray: Array.isArray,
});

const { NodeJSKernelBackend } = await import("@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js");
await import("@tensorflow/tfjs-node-gpu/dist/register_all_kernels.js");
const [library] = Deno.args;
const binding = createRequire(import.meta.url)(library);
tf.registerBackend("tensorflow", () => new NodeJSKernelBackend(binding, "@tensorflow/tfjs-node-gpu"));
await tf.setBackend("tensorflow");

// Multiples of ½: the product is exact in any order and precision.
const [rows, columns] = [3, 4];
const a = tf.tensor2d(Float32Array.from({ length: rows * columns }, (_, i) => i / 2), [rows, columns]);
const product = await tf.matMul(a, a, false, true).data();
const expected = [3.5, 9.5, 15.5, 9.5, 31.5, 53.5, 15.5, 53.5, 91.5];
if (expected.some((value, i) => product[i] !== value)) {
  throw new Error(
    `A product of matrices came out as ${[...product].join(" ")}, expected ${expected.join(" ")}`,
  );
}
const loaded: Loaded = { tensorflow: binding.TF_Version, gpu: binding.isUsingGpuDevice() };
console.log(JSON.stringify(loaded));
Deno.exit(0);
