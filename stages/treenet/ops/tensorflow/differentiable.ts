/**
 * Operations with gradients of our own. `tf.customGrad` would compute the gradient of every input, wanted or not: of
 * images, for one, which costs as much as a layer.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** A differentiable function of tensors. The forward pass runs in a `tf.tidy` of its own. */
export interface Operation<T extends tf.Tensor | tf.Tensor[]> {
  /** `save` carries tensors to the backward pass; it does nothing where no gradient is recorded. */
  forward(save: (tensors: readonly tf.Tensor[]) => void): T;
  /**
   * From the gradient by the output, or by the first of several: one function an input, called in the order of inputs,
   * each in a `tf.tidy` of its own, for those whose gradient is wanted.
   */
  backward(dy: tf.Tensor, saved: readonly tf.Tensor[]): readonly (() => tf.Tensor)[];
}

/** TensorFlow.js' own entry, which its `customGrad` uses too. */
interface Runner {
  runKernelFunc<T extends tf.Tensor | tf.Tensor[]>(kernel: {
    readonly forwardFunc: (backend: unknown, save: (tensors: tf.Tensor[]) => void) => T;
    readonly backwardsFunc: (
      dy: tf.Tensor | tf.Tensor[],
      saved: tf.Tensor[],
    ) => Readonly<Record<string, () => tf.Tensor>>;
    readonly inputs: Readonly<Record<string, tf.Tensor>>;
  }): T;
}

/** Applies an operation to `inputs`. */
export function apply<T extends tf.Tensor>(inputs: readonly tf.Tensor[], operation: Operation<T>): T {
  return run(inputs, operation);
}

/** The same with several outputs; gradients flow through the first alone. */
export function applyMany(
  inputs: readonly tf.Tensor[],
  operation: Operation<tf.Tensor[]>,
): readonly tf.Tensor[] {
  return run(inputs, operation);
}

function run<T extends tf.Tensor | tf.Tensor[]>(inputs: readonly tf.Tensor[], operation: Operation<T>): T {
  const runner = tf.engine() as unknown as Runner;
  return runner.runKernelFunc({
    forwardFunc: (_, save) => operation.forward((tensors) => save([...tensors])),
    backwardsFunc: (dy, saved) =>
      Object.fromEntries(operation.backward(Array.isArray(dy) ? dy[0] : dy, saved).entries()),
    inputs: Object.fromEntries(inputs.entries()),
  });
}
