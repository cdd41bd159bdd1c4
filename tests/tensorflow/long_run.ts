import { assert, assertGreater } from "@std/assert";
import { CANDIDATES } from "../conformance/backends.ts";
import { runSteps } from "../conformance/step_processes.ts";

const STEPS = 400;
/** A quarter of the steps may add so many bytes: caches of TensorFlow's, not tensors. */
const GROWTH = 512 * 2 ** 10;
const LEAK = 64 * 2 ** 10; // bytes a step

/** Least growth of native memory from one quarter of the steps to the next, bytes: a leak shows in each of them. */
function leastGrowth(native: readonly number[]): number {
  return Math.min(...native.slice(1).map((bytes, i) => bytes - native[i]));
}

for (const { name, missing } of CANDIDATES.filter(({ backend }) => backend === "tensorflow")) {
  const ignore = missing !== undefined, title = ignore ? `${name} (${missing})` : name;

  // The training loop itself refuses to go on when a step leaves one of TensorFlow.js' tensors behind.
  Deno.test({
    name: `${title}: ${STEPS} steps leave no tensor, take no more memory, and the process ends`,
    ignore,
  }, async () => {
    const { native } = await runSteps(name, { cores: 2, steps: STEPS, memory: true });
    assert(leastGrowth(native) < GROWTH, `native bytes went through ${native.join(", ")}`);
  });

  Deno.test({ name: `${title}: a tensor of 64 KiB left at every step is found`, ignore }, async () => {
    const { native } = await runSteps(name, { cores: 2, steps: STEPS / 2, memory: true, leak: LEAK });
    assertGreater(leastGrowth(native), LEAK * STEPS / 8 / 2); // three times the limit
  });
}
