/**
 * The jobs of a grouped convolution: `groups` convolutions of the same geometry, each with its own weights.
 *
 * @module
 */
import type { Kernel } from "../load_kernel.ts";
import { type Batch, type Block, blocksOf, chunkCount, planFor, type Plans, type Turn } from "../batch.ts";

/** Output channels of a panel of packed weights. */
export const PANEL = 8;
/** Tiles that pass through a panel of weights together: their data stays in the first-level cache. */
export const TILES = 8;
/** Pairs that pass through all channels together: their data stays in the first-level cache. */
export const PAIRS = 128;
const SLICE = 256; // output channels of a weight gradient that stay in cache

/** An array with one part a group. */
export interface Grouped {
  readonly address: number;
  /** Bytes from one group's part to the next. */
  readonly group: number;
}

/** Images with one part a group. */
export interface GroupedImages extends Grouped {
  /** Bytes from one image to the next. */
  readonly image: number;
}

/** Packs weights [taps, inputs, outputs]. Jobs: groups × panel ranges. */
export interface PackTask {
  readonly type: "pack";
  readonly weights: Grouped;
  readonly packed: Grouped;
  readonly taps: number;
  readonly inputs: number;
  readonly outputs: number;
  /** Floats of a tap in the packed weights. */
  readonly run: number;
  /** The weights are packed for the gradient by the input. */
  readonly transposed: boolean;
  /** The weights are packed in Winograd's form (kernel/products.as); `taps` is 4 then. */
  readonly tiled: boolean;
  readonly panels: number;
  readonly panelsPerJob: number;
}

/** output = start + input ∗ weights. Jobs: groups × chunks × panel ranges. */
export interface ConvolveTask {
  readonly type: "convolve";
  readonly batch: Batch;
  readonly plans: Plans;
  readonly input: GroupedImages;
  readonly packed: Grouped;
  /** Address of the bias; 0 starts from zeros. */
  readonly start: Grouped;
  readonly output: GroupedImages;
  /** Output channels, a multiple of 4. */
  readonly width: number;
  readonly panels: number;
  readonly panelsPerJob: number;
}

/** dw += Σ input ⊗ gradient. Jobs: groups × taps × ranges of output channels; images in order. */
export interface WeightGradientTask {
  readonly type: "weight-gradient";
  readonly batch: Batch;
  readonly plans: Plans;
  readonly input: GroupedImages;
  readonly gradient: GroupedImages;
  readonly dw: Grouped;
  /** Output channels, a multiple of 4. */
  readonly outputs: number;
  /** A multiple of 8. */
  readonly outputsPerJob: number;
}

/** Number of parts of size `each` in `whole`, rounded up. */
export function parts(whole: number, each: number): number {
  return Math.ceil(whole / each);
}

/** One job of a {@linkcode PackTask}. */
export function pack(kernel: Kernel, task: PackTask, { job }: Turn): void {
  const ranges = parts(task.panels, task.panelsPerJob);
  const [group, range] = [Math.floor(job / ranges), job % ranges];
  const first = range * task.panelsPerJob, last = Math.min(task.panels, first + task.panelsPerJob);
  const [from, to] = [at(task.weights, group), at(task.packed, group)];
  const { taps, inputs, outputs, run } = task;
  if (task.tiled) kernel.packTiles(from, inputs, outputs, run, task.transposed ? 1 : 0, first, last, to);
  else if (task.transposed) kernel.packTransposed(from, taps, inputs, outputs, run, first, last, to);
  else kernel.pack(from, taps, inputs, outputs, run, first, last, to);
}

/** One job of a {@linkcode ConvolveTask}. */
export function convolve(kernel: Kernel, task: ConvolveTask, { job }: Turn): void {
  const ranges = parts(task.panels, task.panelsPerJob), chunks = chunkCount(task.batch);
  const range = job % ranges, unit = Math.floor(job / ranges);
  const [group, chunk] = [Math.floor(unit / chunks), unit % chunks];
  const first = range * task.panelsPerJob, last = Math.min(task.panels, first + task.panelsPerJob);
  const start = task.start.address === 0 ? 0 : at(task.start, group), packed = at(task.packed, group);
  for (const block of blocksOf(task.batch, chunk)) {
    const plan = planFor(task.plans, task.batch, block);
    const [input, output] = [imageAt(task.input, group, block), imageAt(task.output, group, block)];
    const { taps, run } = task.plans;
    kernel.convolve(
      ...[plan.address, plan.classes, input, run, packed, taps, first, last] as const,
      ...[task.width, start, output, 0, TILES] as const,
    );
  }
}

/** One job of a {@linkcode WeightGradientTask}. */
export function weightGradient(kernel: Kernel, task: WeightGradientTask, { job }: Turn): void {
  const { taps, run } = task.plans, { outputs } = task;
  const ranges = parts(outputs, task.outputsPerJob);
  const range = job % ranges, tap = Math.floor(job / ranges) % taps, group = Math.floor(job / ranges / taps);
  const end = Math.min(outputs, (range + 1) * task.outputsPerJob), dw = at(task.dw, group);
  for (let first = range * task.outputsPerJob; first < end; first += SLICE) {
    const last = Math.min(end, first + SLICE);
    for (let chunk = 0; chunk < chunkCount(task.batch); chunk++) {
      for (const block of blocksOf(task.batch, chunk)) {
        const plan = planFor(task.plans, task.batch, block).address;
        const [input, gradient] = [imageAt(task.input, group, block), imageAt(task.gradient, group, block)];
        kernel.weightGradient(
          ...[plan, tap, tap + 1, input, run, gradient, outputs] as const,
          ...[first, last, dw, PAIRS] as const,
        );
      }
    }
  }
}

function at(place: Grouped, group: number): number {
  return place.address + group * place.group;
}

function imageAt(place: GroupedImages, group: number, block: Block): number {
  return at(place, group) + block.first * place.image;
}
