/**
 * Operations of our own in TensorFlow.js' wasm backend. They are registered as one kernel with its gradient, not built
 * with `tf.customGrad`: this way each input's gradient is computed only if somebody wants it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";

/** A function of float32 tensors, over their values in TensorFlow.js' own memory. */
export interface Operation {
  /** What it is called in messages. */
  readonly name: string;
  /** Shapes its inputs must have. */
  readonly inputs: readonly (readonly number[])[];
  /** Of the output. */
  readonly shape: readonly number[];
  /** Fills `out`. The arrays are valid until the next tensor is made. */
  compute(inputs: readonly Float32Array[], out: Float32Array): void;
  /** Starts one backward pass; absent where there is none. */
  backward?(): Backward;
}

/** Fills `out` with the gradient by input `index`; called for those inputs whose gradient is wanted, in any order. */
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
  // TensorFlow.js passes attributes through untouched; an array of inputs lets it save them all.
  const attributes = { operation } as unknown as tf.NamedAttrMap;
  return tf.engine().runKernel(KERNEL, inputs as unknown as tf.NamedTensorMap, attributes) as T;
}

/** A tensor's numbers where they are, in TensorFlow.js' own memory; valid until the next tensor is made. */
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
