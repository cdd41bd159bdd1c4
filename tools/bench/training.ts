/**
 * Whole training steps of one model on one backend, optimiser and teacher included, on views of noise; prints a line of
 * JSON. `--crops` takes globals and locals as a profile has them, in place of `--locals`.
 *
 * `deno run -A tools/bench/training.ts --backend tensorflow --model resnet50 --architecture '{"width":16}' --batch 128`
 *
 * @module
 */
import process from "node:process";
import { parseArgs } from "@std/cli";
import { CANDIDATES, REFERENCE } from "../../tests/conformance/backends.ts";
import { loadMethod, loadModel } from "../../treenet/models.ts";
import { buildEncoder, buildNetwork } from "../../treenet/network.ts";
import { newState, share } from "../../treenet/state.ts";
import { train } from "../../treenet/train.ts";
import { random } from "../../treenet/random.ts";
import type { Views } from "../../treenet/augment/make_views.ts";
import type { Crop } from "../../treenet/nn/views.ts";

const args = parseArgs(Deno.args, {
  string: [
    "backend",
    "model",
    "method",
    "architecture",
    "head",
    "batch",
    "micro",
    "locals",
    "crops",
    "steps",
    "cores",
  ],
  default: {
    backend: "wasm",
    model: "dense-join",
    method: "dino",
    architecture: '{"leaves":8}',
    head: '{"hidden":512,"bottleneck":128,"prototypes":1024}',
    batch: "64",
    micro: "64",
    locals: "2",
    steps: "6",
    warmup: "2",
    cores: "2",
  },
});
const [batch, microBatch, locals, steps, warmup, cores] = [
  args.batch,
  args.micro,
  args.locals,
  args.steps,
  args.warmup,
  args.cores,
]
  .map(Number);

const network = buildNetwork(
  buildEncoder(await loadModel(args.model!), JSON.parse(args.architecture!)),
  await loadMethod(args.method!),
  { head: JSON.parse(args.head!), freezeSteps: 0 },
);
const candidates = [REFERENCE, ...CANDIDATES];
const candidate = candidates.find(({ name }) => name === args.backend);
if (candidate === undefined) {
  const names = candidates.map(({ name }) => name).join(", ");
  throw new Error(`Cannot train on backend "${args.backend}": expected one of ${names}`);
}
const ops = await candidate.open(cores);
const crops: Readonly<Record<"globals" | "locals", Crop>> = args.crops === undefined
  ? { globals: { count: 2, size: 32 }, locals: { count: locals, size: 13 } }
  : JSON.parse(args.crops);
const views: Views = { globals: noise(crops.globals), locals: noise(crops.locals) };
const times: number[] = [];
const processorTimes: number[] = [];
let last = performance.now(), lastProcessor = processorTime();
const run = train(share(newState(network, 0), ops), {
  network,
  ops,
  ...crops,
  batch,
  microBatch: network.encoder.specs.some((spec) => spec.role === "buffer") ? batch : microBatch,
  schedule: {
    steps: 1000,
    warmupSteps: 100,
    stepsPerEpoch: 10,
    learningRate: 1e-3,
    finalLearningRate: 1e-6,
    weightDecay: 0.04,
    finalWeightDecay: 0.4,
    momentum: 0.996,
    finalMomentum: 1,
  },
  clip: 3,
  until: steps + warmup,
  views: () => Promise.resolve(views),
});
for await (const _ of run) {
  const now = performance.now();
  times.push(now - last);
  processorTimes.push(processorTime() - lastProcessor);
  [last, lastProcessor] = [now, processorTime()];
}
ops.close();
const [median, least] = middleAndLeast(times);
console.log(JSON.stringify({
  backend: args.backend,
  model: args.model,
  architecture: JSON.parse(args.architecture!),
  batch,
  cores,
  medianMs: Math.round(median),
  leastMs: Math.round(least),
  processorMs: Math.round(middleAndLeast(processorTimes)[0]),
  imagesPerSecond: Number((1000 * batch / median).toFixed(1)),
  residentMiB: Math.round(peakMemory() / 2 ** 20),
}));

/** Largest resident memory so far, bytes; the present one where the system does not tell the largest. */
function peakMemory(): number {
  const { rss } = Deno.memoryUsage();
  try {
    const line = Deno.readTextFileSync("/proc/self/status").match(/^VmHWM:\s+(\d+) kB$/m);
    return line === null ? rss : 1024 * Number(line[1]);
  } catch {
    return rss;
  }
}

function noise({ count, size }: { readonly count: number; readonly size: number }): Uint8Array<ArrayBuffer> {
  const stream = random(size);
  return Uint8Array.from({ length: batch * count * size * size * 3 }, () => 256 * stream.uniform());
}

/** Median and least time without the warm-up, which compiles and fills caches. */
function middleAndLeast(times: readonly number[]): readonly [number, number] {
  const sorted = times.slice(warmup).sort((a, b) => a - b), n = sorted.length;
  return [(sorted[(n - 1) >> 1] + sorted[n >> 1]) / 2, sorted[0]];
}

/** Processor time of all threads so far, ms. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
