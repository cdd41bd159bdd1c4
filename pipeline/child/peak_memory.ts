/**
 * Peak resident memory of a process and its descendants, on systems that report it (Linux).
 *
 * @module
 */

/** Samples the memory until stopped. */
export class PeakMemory {
  readonly #pid: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #peak = 0;

  constructor(pid: number) {
    this.#pid = pid;
    this.#sampleAfter(10);
  }

  /** The peak in bytes, or null where it could not be measured. */
  stop(): number | null {
    clearTimeout(this.#timer);
    return this.#peak === 0 ? null : this.#peak;
  }

  /** Doubles the delay each time, up to half a second, so that short tasks are measured too. */
  #sampleAfter(delay: number): void {
    this.#timer = setTimeout(() => {
      this.#sample();
      this.#sampleAfter(Math.min(500, 2 * delay));
    }, delay);
  }

  #sample(): void {
    const tree = processTree(this.#pid);
    const resident = tree.reduce((sum, pid) => sum + statusOf(pid, "VmRSS"), 0);
    // Peaks between two samples appear only in the kernel's high-water mark, which covers one process.
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

/** A field of /proc/<pid>/status, bytes; 0 where it is missing. */
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
