/**
 * Threads that share the jobs of a task. The thread that does a job depends on timing; the job's result
 * depends on the task alone, so results do not depend on the number of threads.
 *
 * @module
 */
import { type Kernel, startKernel } from "./kernel.ts";
import { Heap } from "./heap.ts";
import { execute, type Task } from "./tasks.ts";

/** Words of the control block at address 0. The kernel needs 32 zeros at 64 (kernel/convolution.as). */
const GENERATION = 0; // number of the task, so that a sleeping thread sees a new one
const CLAIM = 1; // generation << 16 | jobs not yet begun
const TOTAL = 2; // jobs of the task
const FINISHED = 3; // jobs done
const LENGTH = 4; // bytes of the task's text
const FAILURE = 5; // bytes of the text of the first error, 0 without one
const QUIT = 6;
const CONTROL_WORDS = 16;
const ERROR_TEXT = 128; // address
const TASK_TEXT = 4096; // address
const RESERVED = 65536; // bytes
const MOST_JOBS = 0xffff;

/** Message that starts a thread. */
export interface Recruit {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly worker: number;
}

/** This thread and `cores` − 1 others. */
export class Team {
  readonly heap: Heap;
  /** Threads, this one included. */
  readonly cores: number;
  readonly #seat: Seat;
  readonly #workers: readonly Worker[];

  private constructor(heap: Heap, seat: Seat, workers: readonly Worker[]) {
    [this.heap, this.#seat, this.#workers, this.cores] = [heap, seat, workers, workers.length + 1];
  }

  /** Starts the threads. */
  static async start(module: WebAssembly.Module, cores: number): Promise<Team> {
    const heap = new Heap(RESERVED);
    const memory = heap.memory;
    const workers = await Promise.all(
      Array.from({ length: cores - 1 }, (_, i) => recruit({ module, memory, worker: i + 1 })),
    );
    return new Team(heap, new Seat(await startKernel(module, memory), memory, 0), workers);
  }

  /** The kernel on this thread. */
  get kernel(): Kernel {
    return this.#seat.kernel;
  }

  /** Does all jobs of a task; rethrows the error of a job. */
  run(task: Task, jobs: number): void {
    if (jobs === 1) execute(this.kernel, task, { job: 0, worker: 0 });
    else this.#seat.lead(task, jobs);
  }

  /** Ends the threads. */
  close(): void {
    this.#seat.dismiss();
    for (const worker of this.#workers) worker.terminate();
  }
}

/** One thread's side of the team. */
export class Seat {
  readonly kernel: Kernel;
  readonly #memory: WebAssembly.Memory;
  readonly #control: Int32Array;
  readonly #worker: number;

  constructor(kernel: Kernel, memory: WebAssembly.Memory, worker: number) {
    [this.kernel, this.#memory, this.#worker] = [kernel, memory, worker];
    this.#control = new Int32Array(memory.buffer, 0, CONTROL_WORDS);
  }

  /** Hands out a task, does jobs of it, and waits for the other threads. */
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

  /** Does jobs of every task handed out until the team closes; blocks its thread. */
  follow(): void {
    const control = this.#control;
    for (let seen = 0; Atomics.load(control, QUIT) === 0;) {
      Atomics.wait(control, GENERATION, seen);
      seen = Atomics.load(control, GENERATION);
      this.#work(seen);
    }
  }

  /** Ends the followers' loops. */
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

  /** The next job of this generation's task, or −1; a late thread finds another generation and gets none. */
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

/** Starts a thread and waits until it is ready. */
function recruit(message: Recruit): Promise<Worker> {
  const worker = new Worker(new URL("./kernel_worker.ts", import.meta.url), { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = () => resolve(worker);
    worker.onerror = (event) => reject(new Error(`Cannot start a kernel thread: ${event.message}`));
    worker.postMessage(message);
  });
}
