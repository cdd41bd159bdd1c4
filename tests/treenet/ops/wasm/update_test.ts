import { assertEquals, assertThrows } from "@std/assert";
import { adamw, ema, LOOPS, ratesOf } from "../../../../treenet/optimiser.ts";
import { loadOps } from "../../../../treenet/ops/mod.ts";
import { Heap } from "../../../../treenet/ops/wasm/heap.ts";
import { compileKernel, startKernel } from "../../../../treenet/ops/wasm/load_kernel.ts";
import { random } from "../../../../treenet/random.ts";
import { guarded } from "./guards.ts";

Deno.test("the kernel's loops of the parameter update write no number beside their arrays", async () => {
  const heap = new Heap(128), kernel = await startKernel(await compileKernel(), heap.memory);
  for (let n = 1; n <= 9; n++) {
    const stream = random(1, n);
    const drawn = [1, 1e-2, 1e-4, 1].map((scale) =>
      Float32Array.from({ length: n }, () => scale * stream.uniform())
    );
    const buffers = drawn.map((values) => guarded(heap, n, values));
    const [weights, first, second, gradient] = drawn;
    const [w, m, v, g] = buffers.map(({ address }) => address);

    const options = { learningRate: 1e-2, weightDecay: 0.04, update: 3 };
    const { keep, step, correction } = ratesOf(options);
    assertEquals(kernel.squares(g, n), LOOPS.squares(gradient));
    kernel.scale(g, n, 0.7);
    LOOPS.scale(gradient, 0.7);
    kernel.adamw(w, m, v, g, n, keep, step, correction);
    adamw({ weights, first, second }, gradient, options);
    kernel.ema(g, w, n, 0.9);
    ema(gradient, weights, 0.9);

    for (const [i, buffer] of buffers.entries()) {
      buffer.check(`array ${i}`);
      assertEquals([...buffer.inner], [...drawn[i]]);
    }
  }
});

Deno.test("shared arrays are the kernel's and stay what they are when its memory grows", async () => {
  const ops = await loadOps("wasm", { cores: 1 }), arrays = ops.arrays!;
  const [small, large] = [arrays.zeros(5), arrays.zeros(2 ** 22)];
  assertEquals(small.buffer.constructor, SharedArrayBuffer);
  small.fill(2);
  ops.loops!.scale(large.fill(3), 0.5);
  ops.loops!.ema(small, large.subarray(0, 5), 0);
  assertEquals([...small], Array(5).fill(1.5));
  assertEquals(large.every((value) => value === 1.5), true);
  assertThrows(() => ops.loops!.scale(large, NaN), RangeError, "a rate is not finite, NaN");
  const left = arrays.limit;
  arrays.free(large);
  assertEquals(arrays.limit, left + 2 ** 24);
  ops.close();
});
