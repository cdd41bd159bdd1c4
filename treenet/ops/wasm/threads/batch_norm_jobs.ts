/**
 * The jobs of a batch normalisation: each handles a range of channels, over all rows
 * (kernel/batch_normalisation.as).
 *
 * @module
 */
import type { Kernel } from "../load_kernel.ts";
import type { Turn } from "../batch.ts";

/** Forward: x [rows, width] → out [rows, width]. Backward: gradient of the output `dy` → gradient of x. */
export interface BatchNormTask {
  readonly type: "batch-norm";
  readonly rows: number;
  /** A multiple of 4. */
  readonly width: number;
  readonly channelsPerJob: number;
  readonly epsilon: number;
  readonly relu: boolean;
  readonly x: number;
  /** [width] */
  readonly gamma: number;
  /** [width] */
  readonly beta: number;
  /** Mean and biased variance, [2, width]: written in the forward pass, read in the backward pass. */
  readonly moments: number;
  readonly out: number;
  readonly backward?: { readonly dy: number; readonly dgamma: number; readonly dbeta: number };
}

const JOBS = 16; // at most
const LINE = 16; // floats of a cache line: two jobs share none

/** Number of channels in a job, a whole number of cache lines. */
export function channelsPerJob(width: number): number {
  return LINE * Math.ceil(width / LINE / JOBS);
}

/** One job of a {@linkcode BatchNormTask}. */
export function batchNorm(kernel: Kernel, task: BatchNormTask, { job }: Turn): void {
  const { rows, width, channelsPerJob, epsilon, x, gamma, beta, moments, out, backward } = task;
  const first = job * channelsPerJob,
    last = Math.min(width, first + channelsPerJob),
    relu = task.relu ? 1 : 0;
  const numbers = [rows, width, first, last, gamma, beta, epsilon, relu, moments] as const;
  if (backward === undefined) kernel.batchNormalise(x, ...numbers, out);
  else kernel.batchNormaliseBackward(backward.dy, x, ...numbers, backward.dgamma, backward.dbeta, out);
}
