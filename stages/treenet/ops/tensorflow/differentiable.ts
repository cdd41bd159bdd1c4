/**
 * Operations with gradients of our own. `tf.customGrad` would compute the gradient of every input, wanted or not: of
 * images, for one, which costs as much as a layer.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** A differentiable function of tensors. Both passes run in a `tf.tidy` of their own. */
export interface Operation<T extends tf.Tensor> {
  /** `save` carries tensors to the backward pass; it does nothing where no gradient is recorded. */
  forward(save: (tensors: readonly tf.Tensor[]) => void): T;
  /** One function an input, called in the order of inputs for those whose gradient is wanted. */
  backward(dy: tf.Tensor, saved: readonly tf.Tensor[]): readonly (() => tf.Tensor)[];
}

/** TensorFlow.js' own entry, which its `customGrad` uses too. */
interface Runner {
  runKernelFunc<T extends tf.Tensor>(kernel: {
    readonly forwardFunc: (backend: unknown, save: (tensors: tf.Tensor[]) => void) => T;
    readonly backwardsFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => Readonly<Record<string, () => tf.Tensor>>;
    readonly inputs: Readonly<Record<string, tf.Tensor>>;
  }): T;
}

/** Applies an operation to `inputs`. */
export function apply<T extends tf.Tensor>(inputs: readonly tf.Tensor[], operation: Operation<T>): T {
  const runner = tf.engine() as unknown as Runner;
  return runner.runKernelFunc({
    forwardFunc: (_, save) => operation.forward((tensors) => save([...tensors])),
    backwardsFunc: (dy, saved) => Object.fromEntries(operation.backward(dy, saved).entries()),
    inputs: Object.fromEntries(inputs.entries()),
  });
}
