/**
 * The passes of `stack.ts` for one pathway, with our own operations (`kernels.cc`, CPU only): one pass over
 * the activations between two convolutions, forwards and backwards.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Eager } from "./eager.ts";
import {
  type Backward,
  EPSILON as epsilon,
  type Forward,
  imageGradientBy,
  sliding,
  type Stack,
  type StackGradients,
  type StackPasses,
  type Statistics,
} from "./stack.ts";

/** The passes of one pathway. */
export const FUSED: StackPasses = { forward, backward, imageGradient: imageGradientBy(eachLayer) };

/** Gradients at one layer of the backward pass. */
interface LayerGradients {
  /** Gradient by ReLU's input [n, H', W', out]. */
  readonly dz: tf.Tensor;
  /** Gradient by b [out]. */
  readonly bias: tf.Tensor;
  /** Σ μ dz [out], which is subtracted from every weight's gradient. */
  readonly uniform: tf.Tensor;
  /** Gradient by v + ε of the layer's input [n]. */
  readonly square: tf.Tensor;
  /** Gradient by the mean μ of the layer's input, with the opposite sign [n]. */
  readonly opposite: tf.Tensor;
}

/** images [n, H, W, 3] → pooled [n, 1, 1, out]. */
function forward(
  eager: Eager,
  stack: Stack,
  { images, keep }: { readonly images: tf.Tensor; readonly keep: boolean },
): Forward {
  const outputs: tf.Tensor[] = [], statistics = [neutral(images)];
  let x = images, pooled = images;
  for (const [layer, weights] of stack.weights.entries()) {
    const product = eager.conv2d(x, weights, sliding(stack, layer));
    if (!keep && layer > 0) x.dispose();
    const { mean, root } = statistics[layer], { biases, sums } = stack;
    const made = eager.own("TreenetShift", [product, biases[layer], sums[layer], mean, root], { epsilon });
    product.dispose(); // u now holds its storage
    x = made[0];
    outputs.push(x);
    statistics.push({ mean: made[1], root: made[2] });
    pooled = made[3];
  }
  if (!keep) x.dispose();
  return {
    pooled: tf.clone(pooled),
    kept: { images, outputs, statistics: statistics.slice(1, -1), means: pooled },
  };
}

function backward(eager: Eager, stack: Stack, pass: Backward): StackGradients {
  const { images, outputs } = pass.kept;
  const weights: tf.Tensor[] = [], biases: tf.Tensor[] = [];
  eachLayer(eager, stack, pass, ({ dz, bias, uniform }, layer) => {
    const shape = stack.weights[layer].shape, x = layer === 0 ? images : outputs[layer - 1];
    const direct = eager.conv2dWeights(x, dz, { ...sliding(stack, layer), shape });
    biases[layer] = tf.clone(bias);
    weights[layer] = layer === 0 ? direct : eager.sub(direct, uniform);
    if (layer > 0) direct.dispose();
  });
  return { weights, biases };
}

/** Visits the layers from the last to the first. */
function eachLayer(
  eager: Eager,
  stack: Stack,
  { kept, dPooled }: Backward,
  visit: (gradients: LayerGradients, layer: number) => void,
): void {
  const { outputs, means } = kept, before = [neutral(kept.images), ...kept.statistics];
  const last = outputs.length - 1;
  const operands = (layer: number) => {
    const { mean, root } = before[layer];
    return [stack.biases[layer], stack.sums[layer], mean, root];
  };
  let now = named(
    eager.own("TreenetSpread", [dPooled, means, outputs[last], ...operands(last)], { epsilon }),
  );
  for (let layer = last;; layer--) {
    visit(now, layer);
    if (layer === 0) return tf.dispose([...Object.values(now), ...Object.values(before[0])]);
    const x = outputs[layer - 1], { dz, square, opposite } = now, { mean } = before[layer];
    const dx = eager.conv2dInput(dz, stack.weights[layer], { ...sliding(stack, layer), shape: x.shape });
    const below = [dx, x, mean, square, opposite, ...operands(layer - 1)];
    const next = named(eager.own("TreenetCut", below, { epsilon }));
    tf.dispose([dx, ...Object.values(now)]); // the next dz now holds the storage of dx
    now = next;
  }
}

function named([dz, bias, uniform, square, opposite]: readonly tf.Tensor[]): LayerGradients {
  return { dz, bias, uniform, square, opposite };
}

/** Statistics of the images, which change nothing: images are not normalised. */
function neutral({ shape: [n] }: tf.Tensor): Statistics {
  return { mean: tf.zeros([n]), root: tf.ones([n]) };
}
