/**
 * Tasks for the kernel's threads. A task is plain data, and each of its jobs writes a part of the output that
 * no other job touches.
 *
 * @module
 */
import type { Kernel } from "../load_kernel.ts";
import { batchNorm } from "./batch_norm_jobs.ts";
import { convolve, pack, weightGradient } from "./convolution_jobs.ts";
import { pathways, reduce } from "./pathway_jobs.ts";
import type { Turn } from "../batch.ts";
import { update } from "./update.ts";

const JOBS = {
  "pack": pack,
  "convolve": convolve,
  "weight-gradient": weightGradient,
  "pathways": pathways,
  "reduce": reduce,
  "batch-norm": batchNorm,
  "update": update,
};

/** A task. Addresses and sizes are in bytes, unless they say floats. */
export type Task = Parameters<(typeof JOBS)[keyof typeof JOBS]>[1];

/** Does one job. */
export function execute(kernel: Kernel, task: Task, turn: Turn): void {
  (JOBS[task.type] as (kernel: Kernel, task: Task, turn: Turn) => void)(kernel, task, turn);
}
