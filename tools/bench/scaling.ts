/**
 * Growth of the time of a whole training step of DenseJoin with the number of leaves and with the batch, on
 * one core and on all; and the times, on one core and on all, of the steps that are compared with PyTorch, by
 * every backend. Prints `{machine, points: [{backend, m, batch, cores, msPerStep}], steps: [{name, backend,
 * cores, msPerStep}]}`.
 *
 * `deno run -A tools/bench/scaling.ts > docs/performance/scaling.json`
 *
 * @module
 */
import { machineWith } from "./peers/peer_machine.ts";
import { ownResult } from "./peers/peer_processes.ts";
import { BACKENDS } from "./peers/training/training_comparison.ts";
import { HEAD, type Step, STEPS } from "./peers/training/training_steps.ts";

/** Strides of the `cpu` profile, so that 64 leaves take seconds, not minutes. */
const ARCHITECTURE = { channels: [8, 16, 32, 48, 64], strides: [2, 1, 1, 2, 1] };
const LEAVES = [4, 8, 16, 32, 64];
const BATCHES = [16, 32, 64, 128];
/** The value of each axis while the other one grows. */
const FIXED = { m: 8, batch: 64 };
const CORES = [...new Set([1, navigator.hardwareConcurrency])];
const TRAINING = new URL("./training.ts", import.meta.url);

interface Size {
  readonly m: number;
  readonly batch: number;
}

const sizes: readonly Size[] = [
  ...LEAVES.map((m) => ({ ...FIXED, m })),
  ...BATCHES.filter((batch) => batch !== FIXED.batch).map((batch) => ({ ...FIXED, batch })),
];

const machine = machineWith({});
const points = [];
for (const size of sizes) {
  for (const cores of CORES) {
    points.push({ backend: "wasm", ...size, cores, msPerStep: await sizedTime(size, cores) });
  }
}
const steps = [];
for (const step of STEPS) {
  for (const { backend } of BACKENDS) {
    for (const cores of CORES) {
      steps.push({ name: step.name, backend, cores, msPerStep: await stepTime(step, { backend, cores }) });
    }
  }
}
console.log(JSON.stringify({ machine, points, steps }, null, 2));

async function sizedTime({ m, batch }: Size, cores: number): Promise<number> {
  const { leastMs } = await ownResult(TRAINING, {
    backend: "wasm",
    architecture: JSON.stringify({ ...ARCHITECTURE, leaves: m }),
    ...{ batch, micro: batch, cores, locals: 0, warmup: 2, steps: 5 },
  });
  return leastMs;
}

async function stepTime(
  { model, architecture, batch, locals }: Step,
  { backend, cores }: { readonly backend: string; readonly cores: number },
): Promise<number> {
  const { leastMs } = await ownResult(TRAINING, {
    ...{ backend, model, architecture: JSON.stringify(architecture), head: JSON.stringify(HEAD) },
    ...{ batch, micro: batch, cores, locals, warmup: 1, steps: 3 },
  });
  return leastMs;
}
