/**
 * `deno bench -A tools/bench/update_bench.ts`: the loops of the parameter update over the arrays of ResNet50 and the head
 * of docs/performance.md, in JavaScript, in the kernel on one thread and two, and in TensorFlow's addon where
 * `deno task setup:tensorflow` put it.
 *
 * @module
 */
import type { Loops } from "../../treenet/nn/types.ts";
import { LOOPS } from "../../treenet/optimiser.ts";
import dino from "../../treenet/methods/dino.ts";
import resnet50 from "../../treenet/models/resnet50.ts";
import { buildEncoder, buildNetwork } from "../../treenet/network.ts";
import { loadOps } from "../../treenet/ops/mod.ts";
import { isTrained, sizeOf } from "../../treenet/nn/parameters.ts";
import type { Ops } from "../../treenet/nn/types.ts";
import { LIBRARY } from "../../tests/conformance/backends.ts";
import { HEAD } from "./peers/training/training_steps.ts";

const OPTIONS = { learningRate: 1e-6, weightDecay: 0.04, update: 100 };

const encoder = buildEncoder(resnet50, { width: 64 });
const sizes = buildNetwork(encoder, dino, { head: HEAD }).specs.filter(isTrained).map(sizeOf);
const numbers = sizes.reduce((sum, size) => sum + size, 0);

interface Slot {
  readonly weights: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly gradient: Float32Array;
}

type Zeros = (length: number) => Float32Array;

function slotsOf(zeros: Zeros = (length) => new Float32Array(length)): readonly Slot[] {
  return sizes.map((size) => ({
    weights: zeros(size).fill(0.01),
    first: zeros(size).fill(1e-3),
    second: zeros(size).fill(1e-6),
    gradient: zeros(size).fill(1e-3),
  }));
}

const PARTS: Readonly<Record<string, (loops: Loops, slot: Slot) => void>> = {
  "AdamW": (loops, slot) => loops.adamw(slot, slot.gradient, OPTIONS),
  "EMA": (loops, { first, weights }) => loops.ema(first, weights, 0.996),
  "sum of squares": (loops, { gradient }) => void loops.squares(gradient),
  "scaling": (loops, { gradient }) => loops.scale(gradient, 1 - 1e-7),
};

const plain = slotsOf();
const shared = async (cores: number): Promise<readonly [Loops, readonly Slot[]]> => {
  const { loops, arrays } = await loadOps("wasm", { cores });
  return [loops!, slotsOf((length) => arrays!.zeros(length))];
};
const tensorflow: Ops | undefined = LIBRARY === undefined
  ? undefined
  : await loadOps("tensorflow", { cores: 2, library: LIBRARY });
const IMPLEMENTATIONS: Readonly<Record<string, readonly [Loops, readonly Slot[]] | undefined>> = {
  "JavaScript": [LOOPS, plain],
  "wasm, 1 thread": await shared(1),
  "wasm, 2 threads": await shared(2),
  "tensorflow, 2 threads": tensorflow && [tensorflow.loops!, plain],
};

for (const [part, loop] of Object.entries(PARTS)) {
  for (const [name, implementation] of Object.entries(IMPLEMENTATIONS)) {
    const group = `${part} of ${numbers.toLocaleString("en-US")} numbers`;
    Deno.bench({
      name,
      group,
      baseline: name === "JavaScript",
      n: 15,
      warmup: 3,
      ignore: implementation === undefined,
      fn: () => {
        const [loops, slots] = implementation!;
        for (const slot of slots) loop(loops, slot);
      },
    });
  }
}
