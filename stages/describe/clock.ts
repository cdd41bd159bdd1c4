/**
 * Clocks of a calibration, in seconds.
 *
 * @module
 */
import process from "node:process";

/** Time that passes. */
export function wall(): number {
  // deno-lint-ignore layers/hidden-input -- what it measures goes into no artifact
  return performance.now() / 1000;
}

/**
 * Time that the processor gave this process's first thread, as Linux counts it: what other work takes of a core is no
 * part of it, so that a busy machine measures what an idle one does. Undefined where the system does not tell.
 */
export function ownTime(): number | undefined {
  try {
    return Number(Deno.readTextFileSync("/proc/self/schedstat").split(" ")[0]) / 1e9;
  } catch {
    return undefined;
  }
}

/**
 * The clock to measure a backend with. TensorFlow computes on `cores` threads of its own while this one waits for them:
 * theirs is the process's time without this thread's. Nobody counts the time of a GPU but the wall's clock.
 */
export function clockFor(
  { backend, device, cores }: { readonly backend: string; readonly device: string; readonly cores: number },
): () => number {
  if (ownTime() === undefined || device !== "cpu") return wall;
  if (backend !== "tensorflow") return () => ownTime()!;
  return () => {
    const own = ownTime()!, { user, system } = process.cpuUsage();
    return own + ((user + system) / 1e6 - own) / cores;
  };
}
