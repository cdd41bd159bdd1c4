/**
 * Threads that share the jobs of a task. The thread that does a job depends on timing; the job's result
 * depends on the task alone, so results do not depend on the number of threads.
 *
 * @module
 */
import { type Kernel, startKernel } from "../load_kernel.ts";
import { Heap } from "../heap.ts";
import { type Recruit, RESERVED, Seat } from "./seat.ts";
import { execute, type Task } from "./tasks.ts";

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

/** Starts a thread and waits until it is ready. */
function recruit(message: Recruit): Promise<Worker> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = () => resolve(worker);
    worker.onerror = (event) => reject(new Error(`Cannot start a kernel thread: ${event.message}`));
    worker.postMessage(message);
  });
}
