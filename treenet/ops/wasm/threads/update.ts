/**
 * The jobs of a parameter update: each handles one block of the arrays (kernel/updates.as).
 *
 * @module
 */
import type { Kernel } from "../load_kernel.ts";
import type { Turn } from "../batch.ts";

/** A loop over arrays of n numbers. */
export interface UpdateTask {
  readonly type: "update";
  readonly loop: "scale" | "adamw" | "ema";
  readonly n: number;
  /** Addresses of the arrays, in the order of the kernel's arguments. */
  readonly addresses: readonly number[];
  /** The kernel's arguments after n. */
  readonly rates: readonly number[];
}

const BLOCK = 2 ** 16; // numbers

/** Number of jobs for n numbers. */
export function updateJobs(n: number): number {
  return Math.ceil(n / BLOCK);
}

/** One job of an {@linkcode UpdateTask}. */
export function update(kernel: Kernel, { loop, n, addresses, rates }: UpdateTask, { job }: Turn): void {
  const from = job * BLOCK, run = kernel[loop] as (...args: readonly number[]) => void;
  run(...addresses.map((address) => address + 4 * from), Math.min(BLOCK, n - from), ...rates);
}
