/**
 * Peak resident memory of a process and all its descendants, where the system tells (Linux).
 *
 * @module
 */

/** Samples until stopped. */
export class PeakMemory {
  readonly #pid: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #peak = 0;

  constructor(pid: number) {
    this.#pid = pid;
    this.#sampleAfter(10);
  }

  /** Bytes, or null where they could not be measured. */
  stop(): number | null {
    clearTimeout(this.#timer);
    return this.#peak === 0 ? null : this.#peak;
  }

  /** Waits longer each time, up to half a second, so that a short task is seen as well. */
  #sampleAfter(delay: number): void {
    this.#timer = setTimeout(() => {
      this.#sample();
      this.#sampleAfter(Math.min(500, 2 * delay));
    }, delay);
  }

  #sample(): void {
    const tree = processTree(this.#pid);
    const resident = tree.reduce((sum, pid) => sum + statusOf(pid, "VmRSS"), 0);
    // Between two samples only the kernel's own high-water mark sees a peak; it covers one process.
    this.#peak = Math.max(this.#peak, resident, statusOf(this.#pid, "VmHWM"));
  }
}

function processTree(root: number): number[] {
  return [root, ...childrenOf(root).flatMap(processTree)];
}

function childrenOf(pid: number): number[] {
  const threads = namesOf(`/proc/${pid}/task`);
  const lists = threads.map((thread) => textOf(`/proc/${pid}/task/${thread}/children`));
  return lists.flatMap((list) => list.split(" ").filter(Boolean).map(Number));
}

/** A field of /proc/<pid>/status in bytes, 0 where there is none. */
function statusOf(pid: number, field: string): number {
  const match = textOf(`/proc/${pid}/status`).match(new RegExp(`^${field}:\\s+(\\d+) kB`, "m"));
  return match ? Number(match[1]) * 1024 : 0;
}

function textOf(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

function namesOf(path: string): string[] {
  try {
    return [...Deno.readDirSync(path)].map(({ name }) => name);
  } catch {
    return [];
  }
}
