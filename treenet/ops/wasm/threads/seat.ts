/**
 * One thread's place in a team: tasks are published, claimed job by job and reported done, in words at the
 * start of the shared memory.
 *
 * @module
 */
import type { Kernel } from "../load_kernel.ts";
import { execute, type Task } from "./tasks.ts";

/** Words of the control block at address 0. The kernel keeps 32 bytes of zeros at 64 (kernel/convolution.as). */
const GENERATION = 0; // counts tasks, so that a sleeping thread sees that there is a new one
const CLAIM = 1; // generation << 16 | jobs not yet begun
const TOTAL = 2; // jobs of the task
const FINISHED = 3; // jobs done
const LENGTH = 4; // bytes of the task's text
const FAILURE = 5; // bytes of the text of the first error, 0 when there is none
const QUIT = 6;
const CONTROL_WORDS = 16;
const ERROR_TEXT = 128; // address
const TASK_TEXT = 4096; // address
/** Bytes at the start of the shared memory that threads use to communicate. */
export const RESERVED = 65536; // bytes
const MOST_JOBS = 0xffff;

/** The message that starts a thread. */
export interface Recruit {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly worker: number;
}

/** One thread's place in the team. */
export class Seat {
  readonly kernel: Kernel;
  readonly #memory: WebAssembly.Memory;
  readonly #control: Int32Array;
  readonly #worker: number;

  constructor(kernel: Kernel, memory: WebAssembly.Memory, worker: number) {
    [this.kernel, this.#memory, this.#worker] = [kernel, memory, worker];
    this.#control = new Int32Array(memory.buffer, 0, CONTROL_WORDS);
  }

  /** Hands out a task, does its share, and waits for the others. */
  lead(task: Task, jobs: number): void {
    if (jobs > MOST_JOBS) {
      throw new RangeError(`Cannot ${task.type}: it has ${jobs} jobs, expected ${MOST_JOBS} at most`);
    }
    const control = this.#control, generation = Atomics.load(control, GENERATION) + 1;
    Atomics.store(control, LENGTH, this.#write(TASK_TEXT, JSON.stringify(task), RESERVED));
    Atomics.store(control, FAILURE, 0);
    Atomics.store(control, TOTAL, jobs);
    Atomics.store(control, FINISHED, 0);
    Atomics.store(control, CLAIM, (generation << 16) | jobs);
    Atomics.store(control, GENERATION, generation);
    Atomics.notify(control, GENERATION);
    this.#work(generation, task);
    for (let done; (done = Atomics.load(control, FINISHED)) < jobs;) Atomics.wait(control, FINISHED, done);
    const failure = Atomics.load(control, FAILURE);
    if (failure > 0) throw new Error(`Cannot ${task.type}: ${this.#read(ERROR_TEXT, failure)}`);
  }

  /** Works on every task handed out until the team closes; blocks its thread. */
  follow(): void {
    const control = this.#control;
    for (let seen = 0; Atomics.load(control, QUIT) === 0;) {
      Atomics.wait(control, GENERATION, seen);
      seen = Atomics.load(control, GENERATION);
      this.#work(seen);
    }
  }

  /** Ends the followers. */
  dismiss(): void {
    Atomics.store(this.#control, QUIT, 1);
    Atomics.add(this.#control, GENERATION, 1);
    Atomics.notify(this.#control, GENERATION);
  }

  #work(generation: number, task?: Task): void {
    for (let job; (job = this.#claim(generation)) >= 0;) {
      try {
        // Only now: while this job is open, the leader cannot overwrite the text with the next task.
        task ??= JSON.parse(this.#read(TASK_TEXT, Atomics.load(this.#control, LENGTH))) as Task;
        execute(this.kernel, task, { job, worker: this.#worker });
      } catch (error) {
        Atomics.store(
          this.#control,
          FAILURE,
          this.#write(ERROR_TEXT, String(error).slice(0, 900), TASK_TEXT),
        );
      }
      Atomics.add(this.#control, FINISHED, 1);
      Atomics.notify(this.#control, FINISHED);
    }
  }

  /** The next job of this generation's task, or −1; a thread that is late finds another generation and gets none. */
  #claim(generation: number): number {
    for (;;) {
      const word = Atomics.load(this.#control, CLAIM), left = word & 0xffff;
      if (left === 0 || word >>> 16 !== (generation & 0xffff)) return -1;
      if (Atomics.compareExchange(this.#control, CLAIM, word, word - 1) === word) {
        return Atomics.load(this.#control, TOTAL) - left;
      }
    }
  }

  #write(address: number, text: string, end: number): number {
    const bytes = new TextEncoder().encode(text);
    if (address + bytes.length > end) {
      throw new RangeError(
        `Cannot hand out a task: its text has ${bytes.length} bytes, expected ${end - address} at most`,
      );
    }
    new Uint8Array(this.#memory.buffer, address, bytes.length).set(bytes);
    return bytes.length;
  }

  #read(address: number, length: number): string {
    // A copy, as TextDecoder refuses shared memory.
    return new TextDecoder().decode(new Uint8Array(this.#memory.buffer, address, length).slice());
  }
}
