/**
 * The operations that take most of the time, by a strategy for each backend: {@linkcode loadOps}.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
// Registers the gradient of every kernel as a side effect. The list in tfjs-core itself cannot be loaded
// outside a bundler.
import "@tensorflow/tfjs-layers";
import type { Ops } from "../nn/types.ts";

/**
 * The library that holds tensors: `tensorflow` (TensorFlow's own library, once it is set up), `wasm` (fast
 * everywhere, our own kernel beside it) or `cpu` (plain JavaScript, the reference).
 */
export type Backend = "tensorflow" | "wasm" | "cpu";

/**
 * Makes `backend` TensorFlow.js' current backend and returns its operations. The caller closes them.
 *
 * @param options.cores threads that compute, this one included; results do not depend on it
 * @param options.library absolute path of TensorFlow's addon, for `tensorflow` only
 */
export async function loadOps(
  backend: Backend,
  options: { readonly cores: number; readonly library?: string },
): Promise<Ops> {
  switch (backend) {
    case "cpu": {
      await import("@tensorflow/tfjs-backend-cpu");
      await activate(backend);
      const { stockOps } = await import("./reference.ts");
      return stockOps(backend);
    }
    case "wasm": {
      await import("@tensorflow/tfjs-backend-wasm");
      // The package reads its own file: naming the file here lets the engine allow it.
      await activate(
        "wasm",
        import.meta.resolve("@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm"),
      );
      const { wasmOps } = await import("./wasm/mod.ts");
      return await wasmOps(options);
    }
    case "tensorflow": {
      const { tensorflowOps } = await import("./tensorflow/mod.ts");
      return await tensorflowOps(options);
    }
    default:
      throw new RangeError(
        `Cannot load operations: backend is "${backend satisfies never}", expected tensorflow, wasm or cpu`,
      );
  }
}

async function activate(backend: Backend, file?: string): Promise<void> {
  if (!await tf.setBackend(backend)) {
    const where = file === undefined ? "" : `, check that ${file} can be read`;
    throw new Error(`Cannot start TensorFlow.js: its ${backend} backend did not initialise${where}`);
  }
  await tf.ready();
}
