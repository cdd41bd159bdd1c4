/**
 * TensorFlow.js clones every tensor that a gradient will need. Its wasm backend copies the numbers to do so, where its
 * other backends share them; with the activations of a ResNet50 that is the difference between 2 and 4 GiB.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";

const IDENTITY = { kernelName: "Identity", backendName: "wasm" } as const;

let shared = false;

/** Makes clones in the wasm backend share storage, as reshaped tensors there do: tensors never change. */
export function shareClones(): void {
  if (shared || tf.getKernel(IDENTITY.kernelName, IDENTITY.backendName) === undefined) return;
  shared = true;
  tf.unregisterKernel(IDENTITY.kernelName, IDENTITY.backendName);
  tf.registerKernel({
    ...IDENTITY,
    kernelFunc({ inputs, backend }) {
      const { dataId, shape, dtype } = inputs.x!;
      (backend as BackendWasm).incRef(dataId);
      return { dataId, shape, dtype };
    },
  });
}
