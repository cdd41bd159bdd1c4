/**
 * TensorFlow.js' `tidy` for records of tensors: everything made inside is freed but what is returned.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** Runs `compute` and frees every tensor it made, except those in what it returns (nested records and arrays too). */
export function tidy<T extends object>(compute: () => T): T {
  // The library's own type wants an index signature, which an interface has not.
  return tf.tidy(() => compute() as unknown as tf.TensorContainerObject) as unknown as T;
}
