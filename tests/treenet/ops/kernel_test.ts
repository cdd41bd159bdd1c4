import { assertEquals, assertGreater, assertStringIncludes, assertThrows } from "@std/assert";
import { deal } from "../../../stages/treenet/ops/batch.ts";
import {
  backwardPlan,
  forwardPlan,
  type Geometry,
  outputSize,
  pairPlan,
} from "../../../stages/treenet/ops/geometry.ts";
import { Heap } from "../../../stages/treenet/ops/heap.ts";
import { compileKernel, startKernel } from "../../../stages/treenet/ops/kernel.ts";
import { BUILDS, compile } from "../../../stages/treenet/ops/kernel/build.ts";
import { Team } from "../../../stages/treenet/ops/team.ts";
import { values } from "./support.ts";

for (const file of Object.keys(BUILDS) as (keyof typeof BUILDS)[]) {
  Deno.test(`${file} is what its sources compile to`, async () => {
    const committed = await Deno.readFile(
      new URL(`../../../stages/treenet/ops/kernel/${file}`, import.meta.url),
    );
    assertEquals(await compile(file), committed);
  });
}

Deno.test("the default kernel rounds products before it adds them, the other one does not", async () => {
  const heap = new Heap(128);
  assertEquals((await startKernel(await compileKernel(), heap.memory)).fuses(1), 0);
  assertEquals((await startKernel(await compileKernel({ fma: true }), heap.memory)).fuses(1), 1);
});

const GUARD = 16; // floats on either side of a buffer

/** A buffer of n floats between two guards, which `intact` compares with what they held. */
function guarded(heap: Heap, n: number, content?: ArrayLike<number>) {
  const whole = heap.floats(heap.allocate(4 * (n + 2 * GUARD)), n + 2 * GUARD).fill(7);
  const inner = whole.subarray(GUARD, GUARD + n).fill(0);
  if (content) inner.set(content);
  return {
    address: inner.byteOffset,
    inner,
    intact: () =>
      assertEquals([...whole.subarray(0, GUARD), ...whole.subarray(GUARD + n)], Array(2 * GUARD).fill(7)),
  };
}

Deno.test("the kernel writes nothing outside its outputs", async () => {
  const heap = new Heap(128), kernel = await startKernel(await compileKernel(), heap.memory);
  const geometries: Geometry[] = [
    { height: 1, width: 1, kernel: 1, stride: 1, pad: 0, inputs: 4, outputs: 4 },
    { height: 3, width: 5, kernel: 2, stride: 1, pad: 0, inputs: 4, outputs: 12 },
    { height: 7, width: 4, kernel: 3, stride: 2, pad: 1, inputs: 8, outputs: 20 },
    { height: 9, width: 9, kernel: 2, stride: 3, pad: 0, inputs: 12, outputs: 8 },
  ];
  for (const g of geometries) {
    for (const images of [1, 3]) {
      const pixels = {
        in: images * g.height * g.width,
        out: images * outputSize(g.height, g) * outputSize(g.width, g),
      };
      const plan = (words: Int32Array) => {
        const address = heap.allocate(4 * words.length);
        heap.words(address, words.length).set(words);
        return address;
      };
      const [forward, backward, pairs] = [
        forwardPlan(g, images),
        backwardPlan(g, images),
        pairPlan(g, images),
      ];
      const packed = guarded(heap, 8 * Math.ceil(Math.max(g.inputs, g.outputs) / 8) * g.kernel ** 2 * 20);
      const [x, y, dw] = [pixels.in * g.inputs, pixels.out * g.outputs, g.kernel ** 2 * g.inputs * g.outputs]
        .map((n) => guarded(heap, n, values([n], n).data));
      kernel.convolve(
        ...[
          plan(forward.words),
          forward.classes,
          x.address,
          forward.run,
          packed.address,
          forward.taps,
          0,
        ] as const,
        ...[Math.ceil(g.outputs / 8), g.outputs, 0, y.address, 1, 2] as const,
      );
      kernel.convolve(
        ...[
          plan(backward.words),
          backward.classes,
          y.address,
          backward.run,
          packed.address,
          backward.taps,
          0,
        ] as const,
        ...[Math.ceil(g.inputs / 8), g.inputs, 0, x.address, 0, 2] as const,
      );
      kernel.weightGradient(
        ...[
          plan(pairs.words),
          0,
          pairs.taps,
          x.address,
          pairs.run,
          y.address,
          g.outputs,
          0,
          g.outputs,
        ] as const,
        ...[dw.address, 5] as const,
      );
      const n = pixels.in, width = g.inputs, sums = guarded(heap, 2 * width), out = guarded(heap, n * width);
      const [gamma, dgamma, dbeta, moments] = [width, width, width, 2].map((size) => guarded(heap, size));
      kernel.measure(x.address, 1, n, width, width - 1, 1e-5, moments.address);
      kernel.normalise(
        ...[x.address, 1, n, width, gamma.address, gamma.address, moments.address] as const,
        ...[sums.address, out.address] as const,
      );
      kernel.normaliseBackward(
        ...[
          out.address,
          x.address,
          1,
          n,
          width,
          width - 1,
          gamma.address,
          moments.address,
          sums.address,
        ] as const,
        ...[dgamma.address, dbeta.address, out.address] as const,
      );
      kernel.pool(x.address, 1, n, width, dbeta.address);
      kernel.poolBackward(dbeta.address, x.address, 1, n, width, out.address);
      kernel.columnSums(x.address, n, width, dbeta.address);
      for (const buffer of [packed, x, y, dw, sums, out, gamma, dgamma, dbeta, moments]) buffer.intact();
    }
  }
});

Deno.test("packing pads weights with zeros and writes nothing else", async () => {
  const heap = new Heap(128), kernel = await startKernel(await compileKernel(), heap.memory);
  const w = guarded(heap, 30, Array.from({ length: 30 }, (_, i) => i + 1)); // [tap 2][input 3][output 5]
  const forward = guarded(heap, 2 * 4 * 8), transposed = guarded(heap, 2 * 8 * 8);
  kernel.pack(w.address, 2, 3, 5, 4, 0, 1, forward.address);
  kernel.packTransposed(w.address, 2, 3, 5, 8, 0, 1, transposed.address);
  assertEquals([...forward.inner.subarray(8, 16)], [6, 7, 8, 9, 10, 0, 0, 0]);
  assertEquals([...forward.inner.subarray(24, 40)], [...Array(8).fill(0), 16, 17, 18, 19, 20, 0, 0, 0]);
  assertEquals([...transposed.inner.subarray(0, 16)], [1, 6, 11, 0, 0, 0, 0, 0, 2, 7, 12, 0, 0, 0, 0, 0]);
  assertEquals([...transposed.inner.subarray(40, 64)], Array(24).fill(0));
  for (const buffer of [w, forward, transposed]) buffer.intact();
});

Deno.test("every job of a task is done once, whatever the number of threads", async () => {
  const module = await compileKernel();
  for (const cores of [1, 2, 4]) {
    const team = await Team.start(module, cores), n = 64, jobs = 200;
    const buffer = team.heap.floats(team.heap.allocate(8 * n * jobs), 2 * n * jobs).fill(1);
    const task = {
      type: "reduce",
      address: buffer.byteOffset,
      parts: 2,
      floats: n,
      floatsPerJob: n,
    } as const;
    for (let round = 0; round < 30; round++) team.run(task, jobs);
    for (let job = 0; job < jobs; job++) assertEquals(buffer[2 * n * job], 31);
    team.close();
  }
});

Deno.test("an error in a job reaches the caller, and the threads go on", async () => {
  const team = await Team.start(await compileKernel(), 2), address = team.heap.allocate(4096);
  const task = { type: "reduce", parts: 2, floats: 64, floatsPerJob: 16 } as const;
  const error = assertThrows(() => team.run({ ...task, address: 2 ** 31 }, 40), Error) as Error;
  assertStringIncludes(error.message, "Cannot reduce: RuntimeError: memory access out of bounds");
  team.heap.floats(address, 128).fill(2);
  team.run({ ...task, address }, 4);
  assertEquals(team.heap.floats(address, 128)[63], 4);
  team.close();
});

Deno.test("addresses above 2 GiB work", async () => {
  const team = await Team.start(await compileKernel(), 2), hole = team.heap.allocate(2 ** 31 + 2 ** 29);
  const address = team.heap.allocate(1024), buffer = team.heap.floats(address, 256).fill(1);
  team.run({ type: "reduce", address, parts: 4, floats: 64, floatsPerJob: 16 }, 4);
  assertEquals(buffer.subarray(0, 64), new Float32Array(64).fill(4));
  assertGreater(address, hole + 2 ** 31);
  team.close();
});

Deno.test("a batch is dealt in whole blocks whatever its size", () => {
  assertEquals(deal(64, { block: 1, chunks: 2 }), { images: 64, block: 1, chunk: 32 });
  assertEquals(deal(29, { block: 12, chunks: 16 }), { images: 29, block: 12, chunk: 12 });
  assertEquals(deal(5, { block: 12, chunks: 1 }), { images: 5, block: 5, chunk: 5 });
});
