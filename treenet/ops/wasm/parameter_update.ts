/**
 * The parameter update of the wasm backend: the kernel's loops on all threads, over arrays in their memory.
 *
 * @module
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Loops, Slot, UpdateOptions } from "../../nn/types.ts";
import { LOOPS, ratesOf, sameLength } from "../../optimiser.ts";
import type { SharedArrays } from "../../nn/types.ts";
import { valuesOf } from "./differentiable.ts";
import type { Team } from "./threads/team.ts";
import { updateJobs, type UpdateTask } from "./threads/update.ts";

/** Upper limit for the bytes of all arrays, of the 4 GiB that can be addressed. */
const LIMIT = 2 ** 30;

/** Loops on all threads over arrays that this object made; other arrays are updated in JavaScript. */
export class ParameterUpdate implements Loops, SharedArrays {
  #used = 0; // bytes
  readonly #team: Team;
  readonly #memories = new WeakSet<ArrayBufferLike>(); // each growth of the memory makes another buffer

  constructor(team: Team) {
    this.#team = team;
  }

  get limit(): number {
    return LIMIT - this.#used;
  }

  zeros(length: number): Float32Array {
    const { heap } = this.#team, x = heap.floats(heap.allocate(4 * length), length);
    this.#memories.add(x.buffer);
    this.#used += x.byteLength;
    return x.fill(0);
  }

  free(x: Float32Array): void {
    this.#team.heap.free(x.byteOffset);
    this.#used -= x.byteLength;
  }

  read(tensor: Tensor, to: Float32Array): void {
    to.set(valuesOf(tensor));
  }

  squares(x: Float32Array): number {
    return this.#made(x) ? this.#team.kernel.squares(x.byteOffset, x.length) : LOOPS.squares(x);
  }

  scale(x: Float32Array, factor: number): void {
    if (this.#made(x)) this.#run("scale", [x], [factor]);
    else LOOPS.scale(x, factor);
  }

  adamw(slot: Slot, gradient: Float32Array, options: UpdateOptions): void {
    const arrays = [slot.weights, slot.first, slot.second, gradient];
    const { keep, step, correction } = ratesOf(options);
    if (this.#made(...arrays)) this.#run("adamw", arrays, [keep, step, correction]);
    else LOOPS.adamw(slot, gradient, options);
  }

  ema(average: Float32Array, values: Float32Array, momentum: number): void {
    if (this.#made(average, values)) this.#run("ema", [average, values], [momentum]);
    else LOOPS.ema(average, values, momentum);
  }

  #made(...arrays: readonly Float32Array[]): boolean {
    return arrays.every(({ buffer }) => this.#memories.has(buffer));
  }

  #run(loop: UpdateTask["loop"], arrays: readonly Float32Array[], rates: readonly number[]): void {
    sameLength(arrays);
    // Other threads receive the task as JSON, which holds only finite numbers.
    if (!rates.every(Number.isFinite)) {
      throw new RangeError(`Cannot update parameters: a rate is not finite, ${rates.join(", ")}`);
    }
    const n = arrays[0].length, addresses = arrays.map(({ byteOffset }) => byteOffset);
    this.#team.run({ type: "update", loop, n, addresses, rates }, updateJobs(n));
  }
}
