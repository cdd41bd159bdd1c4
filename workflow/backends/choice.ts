/**
 * The backend that `auto` chooses, with the reason.
 *
 * @module
 */
import type { Choice } from "../../pipeline/backend.ts";
import type { Found } from "./tensorflow/tensorflow_backend.ts";
import type { Gpu } from "./tensorflow/gpu.ts";
import { COMMAND, mend } from "./tensorflow/installation.ts";

/** Chooses TensorFlow on a GPU, else TensorFlow on the CPU, else wasm. */
export function choose(
  { found, gpus }: { readonly found: Found; readonly gpus: readonly Pick<Gpu, "name">[] },
): Choice {
  const gpu = gpus[0]?.name;
  if (found.type !== "ready") return { backend: "wasm", reason: whyNot(found) };
  const { device, installation: { tensorflow, variant } } = found;
  if (device !== "cpu") {
    return { backend: "tensorflow", reason: `TensorFlow ${tensorflow} computes on ${device}` };
  }
  const reason = `TensorFlow ${tensorflow} is set up and computes on the CPU`;
  if (gpu === undefined) return { backend: "tensorflow", reason: `${reason}, no GPU is seen` };
  const advice = variant === "cpu"
    ? `is not used by this installation, "${COMMAND} --variant gpu" sets up one that does`
    : `is seen but not used, "deno task doctor" says why`;
  return { backend: "tensorflow", reason: `${reason}; the GPU ${gpu} ${advice}` };
}

function whyNot(found: Exclude<Found, { readonly type: "ready" }>): string {
  switch (found.type) {
    case "missing":
      return `TensorFlow is not set up, "${COMMAND}" does so`;
    case "exposed":
      return `the installation of TensorFlow is not trusted: ${found.exposed.found}, ${found.exposed.next}`;
    case "damaged":
      return `the installation of TensorFlow is damaged (${found.damage.join(", ")}), "${
        mend(found.installation)
      }" mends it`;
    case "broken":
      return `TensorFlow does not load (${found.message})`;
    default:
      return found satisfies never;
  }
}
