import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { shareClones } from "../../../treenet/nn/tensors.ts";
import { loadOps } from "../../../treenet/ops/mod.ts";

Deno.test("a clone in the wasm backend shares storage and outlives its original", async () => {
  const ops = await loadOps("wasm", { cores: 1 });
  shareClones();
  const before = tf.memory();
  const original = tf.tensor1d([1, 2, 3]);
  const clone = tf.clone(original);
  assertEquals(tf.memory().numDataBuffers, before.numDataBuffers + 1);
  original.dispose();
  const other = tf.tensor1d([7, 8, 9]); // would take the place of freed numbers
  assertEquals([...clone.dataSync()], [1, 2, 3]);
  tf.dispose([clone, other]);
  assertEquals(tf.memory().numTensors, before.numTensors);
  assertEquals(tf.memory().numDataBuffers, before.numDataBuffers);
  ops.close();
});
