import { assertEquals, assertGreater, assertStringIncludes, assertThrows } from "@std/assert";
import { deal } from "../../../../treenet/ops/wasm/batch.ts";
import { Heap } from "../../../../treenet/ops/wasm/heap.ts";
import { compileKernel, startKernel } from "../../../../treenet/ops/wasm/load_kernel.ts";
import { compile } from "../../../../treenet/ops/wasm/kernel/build_kernel.ts";
import { Team } from "../../../../treenet/ops/wasm/threads/team.ts";
import { guarded } from "./guards.ts";

Deno.test("kernel.wasm is what its sources compile to", async () => {
  const committed = new URL("../../../../treenet/ops/wasm/kernel/kernel.wasm", import.meta.url);
  assertEquals(await compile(), await Deno.readFile(committed));
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
  for (const [name, buffer] of Object.entries({ w, forward, transposed })) buffer.check(name);
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
