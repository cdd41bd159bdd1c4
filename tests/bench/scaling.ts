/**
 * How the time of a whole training step of DenseJoin grows: with the number of leaves and with the batch, on one core
 * and on all; and what one core and all take for the steps that are compared with PyTorch, by every backend. Prints
 * `{machine, points: [{backend, m, batch, cores, msPerStep}], steps: [{name, backend, cores, msPerStep}]}`.
 *
 * `deno run -A tests/bench/scaling.ts > docs/performance/scaling.json`
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { machineWith } from "./peers/machine.ts";
import { BACKENDS } from "./peers/training/comparison.ts";
import { HEAD, type Step, STEPS } from "./peers/training/steps.ts";

/** Strides of the `cpu` profile, so that 64 leaves take seconds, not minutes. */
const ARCHITECTURE = { channels: [8, 16, 32, 48, 64], strides: [2, 1, 1, 2, 1] };
const LEAVES = [4, 8, 16, 32, 64];
const BATCHES = [16, 32, 64, 128];
/** What stays as it is while the other one grows. */
const FIXED = { m: 8, batch: 64 };
const CORES = [...new Set([1, navigator.hardwareConcurrency])];
const TRAINING = fileURLToPath(new URL("./training.ts", import.meta.url));

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
  return await timeOf({
    backend: "wasm",
    architecture: JSON.stringify({ ...ARCHITECTURE, leaves: m }),
    ...{ batch, micro: batch, cores, locals: 0, warmup: 2, steps: 5 },
  });
}

async function stepTime(
  { model, architecture, batch, locals }: Step,
  { backend, cores }: { readonly backend: string; readonly cores: number },
): Promise<number> {
  return await timeOf({
    backend,
    model,
    architecture: JSON.stringify(architecture),
    head: JSON.stringify(HEAD),
    ...{ batch, micro: batch, cores, locals, warmup: 1, steps: 3 },
  });
}

/** Least of a few steps, in ms: other work on the machine can only add to it. */
async function timeOf(given: Readonly<Record<string, string | number>>): Promise<number> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-check", "--frozen", TRAINING],
      ...Object.entries(given).flatMap(([name, value]) => [`--${name}`, String(value)]),
    ],
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(`Cannot measure ${JSON.stringify(given)}:\n${text.decode(stderr)}`);
  return JSON.parse(text.decode(stdout).trim().split("\n").at(-1)!).leastMs;
}
