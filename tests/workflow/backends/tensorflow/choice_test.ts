import { assertEquals, assertStringIncludes } from "@std/assert";
import { choose } from "../../../../workflow/backends/choice.ts";
import type { Found } from "../../../../workflow/backends/tensorflow/tensorflow_backend.ts";
import type {
  Installation,
  InstallationRecord,
} from "../../../../workflow/backends/tensorflow/installation.ts";
import { currentBuild } from "../../../../workflow/backends/tensorflow/cache_folder.ts";

const gpu = { name: "NVIDIA Test" };

function installation(variant: InstallationRecord["variant"]): Installation {
  return {
    format: 1,
    variant,
    tensorflow: "2.21.0",
    binding: "4.22.0",
    headers: "1.9.0",
    build: currentBuild().digest,
    compiler: "c++",
    source: { folder: "/own/lib" },
    files: {},
    dir: "/cache/x",
    library: "/cache/x/tfjs_binding.node",
  };
}

const ready = (variant: InstallationRecord["variant"], device: string): Found => ({
  type: "ready",
  installation: installation(variant),
  device,
});

/** The installation, the GPUs seen, the backend that auto chooses, and its message. */
const CASES: readonly (readonly [Found, readonly { readonly name: string }[], string, string])[] = [
  [ready("gpu", "gpu NVIDIA Test"), [gpu], "tensorflow", "TensorFlow 2.21.0 computes on gpu NVIDIA Test"],
  [ready("own", "gpu NVIDIA Test"), [], "tensorflow", "TensorFlow 2.21.0 computes on gpu NVIDIA Test"],
  [ready("cpu", "cpu"), [], "tensorflow", "computes on the CPU, no GPU is seen"],
  [
    ready("cpu", "cpu"),
    [gpu],
    "tensorflow",
    'the GPU NVIDIA Test is not used by this installation, "deno task setup:',
  ],
  [
    ready("gpu", "cpu"),
    [gpu],
    "tensorflow",
    'the GPU NVIDIA Test is seen but not used, "deno task doctor" says why',
  ],
  [ready("gpu", "cpu"), [], "tensorflow", "computes on the CPU, no GPU is seen"],
  [{ type: "missing" }, [gpu], "wasm", 'TensorFlow is not set up, "deno task setup:tensorflow" does so'],
  [{ type: "missing" }, [], "wasm", "TensorFlow is not set up"],
  [
    { type: "damaged", installation: installation("own"), damage: ["x is gone"] },
    [],
    "wasm",
    'damaged (x is gone), "deno task setup:tensorflow --libtensorflow /own" mends it',
  ],
  [
    { type: "broken", installation: installation("gpu"), message: "Cannot load it" },
    [gpu],
    "wasm",
    "TensorFlow does not load (Cannot load it)",
  ],
];

Deno.test("auto takes tensorflow on a GPU, else on the CPU, else wasm, and says why", () => {
  for (const [found, gpus, backend, reason] of CASES) {
    const choice = choose({ found, gpus });
    assertEquals(choice.backend, backend, JSON.stringify(found));
    assertStringIncludes(choice.reason, reason);
  }
});
