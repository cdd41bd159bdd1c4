/**
 * How the time of a whole training step of DenseJoin grows: with the number of leaves and with the batch, on one core
 * and on all. Prints `{machine, points: [{backend, m, batch, cores, msPerStep}]}`.
 *
 * `deno run -A tests/bench/scaling.ts > docs/performance/scaling.json`
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { machineWith } from "./peers/machine.ts";

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
    points.push({ backend: "wasm", ...size, cores, msPerStep: await stepTime(size, cores) });
  }
}
console.log(JSON.stringify({ machine, points }, null, 2));

/** Least of a few steps, in ms: other work on the machine can only add to it. */
async function stepTime({ m, batch }: Size, cores: number): Promise<number> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-check", "--frozen", TRAINING, "--backend", "wasm"],
      ...["--architecture", JSON.stringify({ ...ARCHITECTURE, leaves: m })],
      ...["--batch", String(batch), "--micro", String(batch), "--cores", String(cores)],
      ...["--locals", "0", "--warmup", "2", "--steps", "5"],
    ],
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(`Cannot measure ${m} leaves on ${cores} cores:\n${text.decode(stderr)}`);
  return JSON.parse(text.decode(stdout).trim().split("\n").at(-1)!).leastMs;
}
