/**
 * The jobs of a stack of pathways. A job takes one leaf and one chunk of images, block by block, so that a
 * layer's output is still in the cache when the next layer reads it.
 *
 * @module
 */
import type { Kernel } from "./kernel.ts";
import type { Turn } from "./tasks.ts";
import { type Batch, blocksOf, chunkCount, type Plans } from "./batch.ts";
import { BlockPass } from "./block_pass.ts";
import { type Grouped, parts } from "./convolution_jobs.ts";
import { LeafGradients } from "./leaf_gradients.ts";
import { layOutScratch } from "./pathway_scratch.ts";
import type { Tiling } from "./tiled_jobs.ts";

const FLOAT = 4; // bytes

/** A convolution of one leaf. Widths are channel counts rounded up to multiples of 4. */
export interface PathwayLayer {
  readonly pixelsIn: number;
  readonly pixelsOut: number;
  readonly inputs: number;
  readonly inWidth: number;
  readonly outWidth: number;
  readonly form: LayerForm;
  readonly packed: Grouped;
  readonly packedTransposed: Grouped;
  /** Float offsets of each parameter and its gradient from the start of a leaf. */
  readonly offsets: Readonly<Record<"weights" | "bias" | "gamma" | "beta", number>>;
  /** Address of the output that a forward pass keeps for the backward pass: [m, N, pixelsOut, outWidth]. */
  readonly kept: number;
  /** Address of the kept moments [m, N, 2]. */
  readonly moments: number;
}

/** A convolution that follows plans. */
export interface PlannedForm {
  readonly type: "planned";
  readonly forward: Plans;
  readonly backward: Plans;
  readonly pairs: Plans;
}

/** Form of a layer's convolution: planned, or Winograd's tiles, which every layer but the first may have. */
export type LayerForm = PlannedForm | { readonly type: "tiled" } & Tiling;

/**
 * A step over a stack of pathways. Jobs: leaves × chunks.
 * - `features`: images → pooled, keeping nothing
 * - `forward`: images → pooled, kept
 * - `backward`: pooled gradient, kept → a part of the parameter gradients a job
 * - `pixels`: images, pooled gradient → gradient of the images through one leaf
 */
export interface PathwayTask {
  readonly type: "pathways";
  readonly step: "features" | "forward" | "backward" | "pixels";
  readonly batch: Batch;
  readonly layers: readonly PathwayLayer[];
  /** [N, H, W, 4] */
  readonly images: number;
  readonly parameters: Grouped;
  /** Pooled activations, or their gradient in the last two steps: [m, N, outWidth]. */
  readonly pooled: number;
  /** `backward`: parameter gradients, one set a job. `pixels`: [m, N, H, W, 4]. */
  readonly output: number;
  /** Scratch memory, one part a thread. */
  readonly scratch: Grouped;
}

/** Adds up the parts of each group's gradients into its first part, in order. Jobs: groups × ranges. */
export interface ReduceTask {
  readonly type: "reduce";
  readonly address: number;
  /** Number of parts in a group; they lie one after the other. */
  readonly parts: number;
  /** Floats of a part, a multiple of 4. */
  readonly floats: number;
  /** A multiple of 4. */
  readonly floatsPerJob: number;
}

/** One job of a {@linkcode ReduceTask}. */
export function reduce(kernel: Kernel, task: ReduceTask, job: number): void {
  const ranges = parts(task.floats, task.floatsPerJob), range = job % ranges;
  const first = range * task.floatsPerJob, n = Math.min(task.floatsPerJob, task.floats - first);
  const to = task.address + FLOAT * (Math.floor(job / ranges) * task.parts * task.floats + first);
  for (let part = 1; part < task.parts; part++) kernel.accumulate(to, to + FLOAT * part * task.floats, n);
}

/** One job of a {@linkcode PathwayTask}. */
export function pathways(kernel: Kernel, task: PathwayTask, turn: Turn): void {
  const chunks = chunkCount(task.batch);
  const [leaf, chunk] = [Math.floor(turn.job / chunks), turn.job % chunks];
  const scratch = layOutScratch(task, task.scratch.address + turn.worker * task.scratch.group);
  const gradients = task.step === "backward"
    ? new LeafGradients(kernel, task.layers, {
      scratch,
      address: task.output + turn.job * task.parameters.group,
    })
    : undefined;
  gradients?.clear(task.parameters.group);
  for (const block of blocksOf(task.batch, chunk)) {
    const pass = new BlockPass(kernel, task, { leaf, block, scratch });
    if (task.step !== "backward") pass.forward();
    if (task.step === "forward" || task.step === "features") pass.pool();
    else pass.backward(gradients);
  }
  gradients?.finish();
}
