import { assertEquals, assertNotEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import * as tf from "@tensorflow/tfjs-core";
import { loadOps } from "../../../../treenet/ops/mod.ts";
import { apply } from "../../../../treenet/ops/wasm/differentiable.ts";
import { pathwayOperation } from "../../../../treenet/ops/wasm/pathways_op.ts";
import { Heap } from "../../../../treenet/ops/wasm/heap.ts";
import { Workshop } from "../../../../treenet/ops/wasm/workshop.ts";
import { pathwayInputs, tensor } from "./ops_support.ts";

const SPEC = { leaves: 2, channels: [8, 12], kernel: 2, strides: [1, 2] };

Deno.test("buffers never overlap, and freed ones are used again", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(5000), fc.boolean()), { maxLength: 60 }), (steps) => {
      const heap = new Heap(128), live = new Map<number, number>();
      for (const [bytes, free] of steps) {
        if (free && live.size > 0) {
          const [first] = live.keys();
          heap.free(first);
          live.delete(first);
        } else live.set(heap.allocate(bytes), bytes);
        const spans = [...live].sort(([a], [b]) => a - b);
        for (const [i, [from, size]] of spans.entries()) {
          if (from < 128 || from % 64 !== 0) throw new Error(`address ${from}`);
          if (i + 1 < spans.length && from + size + 16 > spans[i + 1][0]) {
            throw new Error(`overlap at ${from}`);
          }
        }
      }
      for (const address of live.keys()) heap.free(address);
      assertEquals(heap.used, 0);
      assertEquals(heap.allocate(100), 128);
    }),
    { numRuns: 50, seed: 3 },
  );
});

Deno.test("an allocation past the limit says to lower the micro-batch, and leaves the heap usable", () => {
  const heap = new Heap(128, { limit: 2 ** 20 });
  const error = assertThrows(() => heap.allocate(2 ** 21), RangeError) as Error;
  assertEquals(
    error.message,
    "Cannot hold this batch in kernel memory: it needs 3 MiB, expected at most 1 MiB, lower the micro-batch",
  );
  assertEquals(heap.allocate(1000), 128);
  assertThrows(() => heap.free(64), Error, "not allocated");
});

Deno.test("what forward passes keep is freed when their tape has ended, also without a backward pass", async () => {
  (await loadOps("wasm", { cores: 1 })).close();
  const workshop = await Workshop.open(1), inputs = pathwayInputs(SPEC, [3, 9, 9]).map((one) => tensor(one));
  const pathways = (...tensors: tf.Tensor[]) =>
    apply(
      pathwayOperation(workshop, { spec: SPEC, imageShape: [3, 9, 9, 3], recording: tf.engine().isTapeOn() }),
      tensors,
    );
  tf.tidy(() => pathways(...inputs));
  workshop.sweep();
  const idle = workshop.heap.used; // plans stay
  tf.tidy(() => {
    tf.grads((...all) => {
      pathways(...all); // unused, so it has no backward pass
      assertNotEquals(workshop.heap.used, idle);
      return tf.sum(pathways(...all));
    })(inputs);
  });
  workshop.sweep();
  assertEquals(workshop.heap.used, idle);
  tf.dispose(inputs);
  workshop.close();
});

Deno.test("fifty training steps on two sizes of crops use no more memory than the second one", async () => {
  (await loadOps("wasm", { cores: 1 })).close();
  const workshop = await Workshop.open(2),
    tensors = [[5, 9, 9], [7, 5, 6]].map(([n, height, width]) =>
      pathwayInputs(SPEC, [n, height, width]).map((one) => tensor(one))
    );
  const step = () =>
    tf.tidy(() =>
      tf.grads((...all) => {
        const sums = tensors.map(([images]) => {
          const imageShape = images.shape, recording = tf.engine().isTapeOn();
          return tf.sum(
            apply(pathwayOperation(workshop, { spec: SPEC, imageShape, recording }), [images, ...all]),
          );
        });
        return tf.add(sums[0], sums[1]);
      })(tensors[0].slice(1))
    );
  step();
  step();
  const [bytes, count] = [workshop.heap.memory.buffer.byteLength, tf.memory().numTensors];
  for (let i = 0; i < 50; i++) tf.dispose(step());
  assertEquals(workshop.heap.memory.buffer.byteLength, bytes);
  assertEquals(tf.memory().numTensors, count);
  tf.dispose(tensors);
  workshop.close();
});

Deno.test("a batch that cannot fit says to lower the micro-batch", async () => {
  const ops = await loadOps("wasm", { cores: 1 });
  const spec = { leaves: 32, channels: [64, 64], kernel: 1, strides: [1, 1] };
  const inputs = pathwayInputs(spec, [300, 64, 64]).map((one) => tensor(one));
  const error = assertThrows(() =>
    tf.grads((...all) => {
      const [images, w0, w1, b0, b1, gamma, beta] = all;
      const params = { weights: [w0, w1], biases: [b0, b1], gammas: [gamma], betas: [beta] };
      return tf.sum(ops.pathways(images as tf.Tensor4D, params, spec));
    })(inputs), RangeError) as Error;
  assertStringIncludes(error.message, "lower the micro-batch");
  tf.dispose(inputs);
  ops.close();
});
