/**
 * The jobs of a stack of pathways. A job takes one leaf and one chunk of images, block by block, so that a
 * layer's output is still in the cache when the next layer reads it.
 *
 * @module
 */
import type { Kernel } from "../load_kernel.ts";
import type { PathwayTask } from "./pathway_task.ts";
import { blocksOf, chunkCount, type Turn } from "../batch.ts";
import { BlockPass } from "./block_pass.ts";
import { parts } from "./convolution_jobs.ts";
import { LeafGradients } from "./leaf_gradients.ts";
import { layOutScratch } from "./scratch.ts";

const FLOAT = 4; // bytes

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
export function reduce(kernel: Kernel, task: ReduceTask, { job }: Turn): void {
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
