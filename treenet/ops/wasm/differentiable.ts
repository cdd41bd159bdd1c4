/**
 * Our own operations in TensorFlow.js' wasm backend. Each is registered as a kernel with its gradient and not
 * built with `tf.customGrad`, so that the gradient of an input is computed only if it is needed.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";

/** A function of float32 tensors, over their values in TensorFlow.js' own memory. */
export interface Operation {
  /** Name in error messages. */
  readonly name: string;
  /** Shapes that the inputs must have. */
  readonly inputs: readonly (readonly number[])[];
  /** Shape of the output. */
  readonly shape: readonly number[];
  /** Fills `out`. The arrays are valid until the next tensor is made. */
  compute(inputs: readonly Float32Array[], out: Float32Array): void;
  /** Starts one backward pass; absent where the operation has none. */
  backward?(): Backward;
}

/** Fills `out` with the gradient by input `index`; called for each input that needs one, in any order. */
export type Backward = (
  index: number,
  arrays: { readonly dy: Float32Array; readonly inputs: readonly Float32Array[]; readonly out: Float32Array },
) => void;

const KERNEL = "TreenetOperation";

/** Applies an operation to tensors; differentiable once if it has a backward pass. */
export function apply<T extends tf.Tensor>(operation: Operation, inputs: readonly tf.Tensor[]): T {
  for (const [i, expected] of operation.inputs.entries()) {
    const { shape, dtype } = inputs[i];
    if (dtype === "float32" && `${shape}` === `${expected}`) continue;
    throw new RangeError(
      `Cannot apply ${operation.name}: input ${i} is ${dtype} [${shape}], expected float32 [${expected}]`,
    );
  }
  // TensorFlow.js passes attributes through untouched; given the inputs as an array, it saves them all.
  const attributes = { operation } as unknown as tf.NamedAttrMap;
  return tf.engine().runKernel(KERNEL, inputs as unknown as tf.NamedTensorMap, attributes) as T;
}

/** Numbers of a tensor in place, in TensorFlow.js' own memory; valid until the next tensor is made. */
export function valuesOf(tensor: tf.TensorInfo): Float32Array {
  return (tf.backend() as BackendWasm).typedArrayFromHeap(tensor) as Float32Array;
}

function operationOf(attributes: unknown): Operation {
  return (attributes as { readonly operation: Operation }).operation;
}

tf.registerKernel({
  kernelName: KERNEL,
  backendName: "wasm",
  kernelFunc: ({ inputs, attrs, backend }) => {
    const { shape, compute } = operationOf(attrs), wasm = backend as BackendWasm;
    const out = wasm.makeOutput([...shape], "float32");
    compute(Object.values(inputs as tf.NamedTensorInfoMap).map((input) => valuesOf(input!)), valuesOf(out));
    return out;
  },
});

tf.registerGradient({
  kernelName: KERNEL,
  saveAllInputs: true,
  gradFunc: (dy, saved, attributes) => {
    const { name, backward } = operationOf(attributes);
    if (backward === undefined) {
      throw new Error(`Cannot differentiate ${name}: it has no gradient, expected at most first derivatives`);
    }
    const fill = backward();
    const gradient = (input: tf.Tensor, index: number) => () =>
      apply({
        name: `the gradient of ${name}`,
        inputs: [dy as tf.Tensor, ...saved].map(({ shape }) => shape),
        shape: input.shape,
        compute: ([dy, ...inputs], out) => fill(index, { dy, inputs, out }),
      }, [dy as tf.Tensor, ...saved]);
    return Object.fromEntries(saved.map((input, index) => [index, gradient(input, index)]));
  },
});
