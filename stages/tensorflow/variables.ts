/**
 * The environment of a process that computes with TensorFlow.
 *
 * @module
 */

/** Which GPU the user wants seen: it changes the device that a key names. */
const PASSED_ON = ["CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES"];

/** Threads for so many cores, strict 32-bit floats, device memory taken as needed, and errors alone on stderr. */
export function tensorflowVariables(cores: number): Readonly<Record<string, string>> {
  const threads = String(cores);
  return {
    ...Object.fromEntries(PASSED_ON.flatMap((name) => {
      const value = Deno.env.get(name);
      return value === undefined ? [] : [[name, value]];
    })),
    TF_CPP_MIN_LOG_LEVEL: "2",
    TF_NUM_INTRAOP_THREADS: threads,
    TF_NUM_INTEROP_THREADS: "1",
    OMP_NUM_THREADS: threads,
    // Tensor cores would round the factors of a product to 10 bits.
    NVIDIA_TF32_OVERRIDE: "0",
    TF_FORCE_GPU_ALLOW_GROWTH: "true",
  };
}
