/**
 * Tasks for the kernel's threads. A task is plain data, and each of its jobs writes a part of the output that
 * no other job touches.
 *
 * @module
 */
import type { Kernel } from "../load_kernel.ts";
import { batchNorm, type BatchNormTask } from "./batch_norm_jobs.ts";
import {
  convolve,
  type ConvolveTask,
  pack,
  type PackTask,
  weightGradient,
  type WeightGradientTask,
} from "./convolution_jobs.ts";
import { pathways, reduce, type ReduceTask } from "./pathway_jobs.ts";
import type { PathwayTask, Turn } from "./pathway_task.ts";
import { update, type UpdateTask } from "./update.ts";

/** A task. Addresses and sizes are in bytes, unless they say floats. */
export type Task =
  | PackTask
  | ConvolveTask
  | WeightGradientTask
  | PathwayTask
  | ReduceTask
  | BatchNormTask
  | UpdateTask;

/** Does one job. */
export function execute(kernel: Kernel, task: Task, turn: Turn): void {
  switch (task.type) {
    case "pack":
      return pack(kernel, task, turn.job);
    case "convolve":
      return convolve(kernel, task, turn.job);
    case "weight-gradient":
      return weightGradient(kernel, task, turn.job);
    case "pathways":
      return pathways(kernel, task, turn);
    case "reduce":
      return reduce(kernel, task, turn.job);
    case "batch-norm":
      return batchNorm(kernel, task, turn.job);
    case "update":
      return update(kernel, task, turn.job);
    default:
      throw new TypeError(`Cannot execute a task: its type is ${JSON.stringify(task satisfies never)}`);
  }
}
