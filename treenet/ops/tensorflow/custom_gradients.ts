/**
 * Operations with our own gradients. `tf.customGrad` would compute the gradient of every input, even one that
 * is not needed: that of the images costs as much as a layer.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** A differentiable function of tensors. The forward pass runs in a `tf.tidy` of its own. */
export interface Operation<T extends tf.Tensor | tf.Tensor[]> {
  /** `save` carries tensors to the backward pass; it does nothing where no gradient is recorded. */
  forward(save: (tensors: readonly tf.Tensor[]) => void): T;
  /**
   * Takes the gradient by the output, or by the first of several outputs. Returns one function an input;
   * those whose gradient is needed are called in the order of inputs, each in its own `tf.tidy`.
   */
  backward(dy: tf.Tensor, saved: readonly tf.Tensor[]): readonly (() => tf.Tensor)[];
}

/** TensorFlow.js' internal entry point, which its `customGrad` uses too. */
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

/** Applies an operation to `inputs`; of several outputs, gradients flow through the first alone. */
export function apply<T extends tf.Tensor | tf.Tensor[]>(
  inputs: readonly tf.Tensor[],
  operation: Operation<T>,
): T {
  const runner = tf.engine() as unknown as Runner;
  return runner.runKernelFunc({
    forwardFunc: (_, save) => operation.forward((tensors) => save([...tensors])),
    backwardsFunc: (dy, saved) =>
      Object.fromEntries(operation.backward(Array.isArray(dy) ? dy[0] : dy, saved).entries()),
    inputs: Object.fromEntries(inputs.entries()),
  });
}
