/**
 * Clocks of a calibration, in seconds.
 *
 * @module
 */

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

/** The clock to measure a backend with: TensorFlow computes on threads of its own, the others on this one too. */
export function clockFor(backend: string): () => number {
  const usable = backend !== "tensorflow" && ownTime() !== undefined;
  return usable ? () => ownTime()! : wall;
}
