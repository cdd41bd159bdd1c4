/**
 * The environment variables of TensorFlow; each changes its results, its speed or its hardware.
 *
 * @module
 */

/** Variables for a number of cores. */
export function libraryVariables(cores: number): Readonly<Record<string, string>> {
  const threads = String(cores);
  return {
    // One operation runs at a time, on so many threads.
    TF_NUM_INTRAOP_THREADS: threads,
    TF_NUM_INTEROP_THREADS: "1",
    OMP_NUM_THREADS: threads,
    // Tensor cores would round the factors of a product to 10 bits.
    NVIDIA_TF32_OVERRIDE: "0",
    // On a GPU: kernels that give the same bits on every run, or an error where none exists; of cuDNN's
    // algorithms the first that works, not the one that measures fastest.
    TF_DETERMINISTIC_OPS: "1",
    // Device memory is allocated as needed: other processes may compute there too.
    TF_FORCE_GPU_ALLOW_GROWTH: "true",
    // Errors only; otherwise it reports its choice of instructions.
    TF_CPP_MIN_LOG_LEVEL: "2",
  };
}
