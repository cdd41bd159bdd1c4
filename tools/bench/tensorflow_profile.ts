/**
 * Time of a training step's operations in TensorFlow: runs `training.ts` with its arguments, then prints a
 * line an operation: ms a step (the quickest tenth of its calls of each shape, times calls, so that other
 * work on the machine counts little) and calls.
 *
 * `deno run -A tools/bench/tensorflow_profile.ts --backend tensorflow --model resnet50 --architecture '{"width":64}'`
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import { startLibrary } from "../../treenet/ops/tensorflow/library.ts";
import { LIBRARY } from "../../tests/conformance/backends.ts";

type Execute = (name: string, attributes: unknown, inputs: readonly tf.Tensor[], outputs?: number) => unknown;

/** Times of every call by operation and shapes, ms. */
const times = new Map<string, Map<string, number[]>>();

const backend = await startLibrary({ cores: 2, library: LIBRARY }) as unknown as Record<string, Execute>;
for (const method of ["executeSingleOutput", "executeMultipleOutputs"]) {
  const execute = backend[method].bind(backend);
  backend[method] = (name, attributes, inputs, outputs) => {
    const before = performance.now();
    const result = execute(name, attributes, inputs, outputs);
    const shapes = times.get(name) ?? new Map<string, number[]>();
    const key = inputs.map(({ shape }) => shape.join()).join(" ");
    times.set(name, shapes.set(key, [...shapes.get(key) ?? [], performance.now() - before]));
    return result;
  };
}
await import("./training.ts");

const steps = ["steps", "warmup"].map((name) => Deno.args.indexOf(`--${name}`))
  .map((at, i) => at < 0 ? [6, 2][i] : Number(Deno.args[at + 1]));
const all = steps[0] + steps[1];
const lines = [...times].map(([name, shapes]) => {
  const lists = [...shapes.values()].map((list) => list.sort((a, b) => a - b));
  const ms = lists.reduce((sum, list) => sum + list[Math.floor(list.length / 10)] * list.length, 0);
  return { name, ms: ms / all, calls: lists.flat().length / all };
});
for (const { name, ms, calls } of lines.sort((a, b) => b.ms - a.ms)) {
  console.log(`${ms.toFixed(1).padStart(8)} ms ${calls.toFixed(0).padStart(6)} calls  ${name}`);
}
