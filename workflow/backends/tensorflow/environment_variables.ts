/**
 * The environment of a process that computes with TensorFlow.
 *
 * @module
 */
import { libraryVariables } from "../../../treenet/ops/tensorflow/native_variables.ts";

/** Variables by which the user chooses a GPU, which changes the device that a key names. */
const PASSED_ON = ["CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES"];

/** Variables for a number of cores. */
export function tensorflowVariables(cores: number): Readonly<Record<string, string>> {
  const chosen = PASSED_ON.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(chosen), ...libraryVariables(cores) };
}
