/**
 * A stack of convolutions that computes g pathways side by side in its channels: convolution, bias, ReLU, and between
 * layers a normalisation per image and pathway (without γ and β, see `folding.ts`). Tensors are disposed of as soon as
 * nothing needs them, so that the next operation finds their memory still in the cache.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Eager, Sliding } from "./eager.ts";

const EPSILON = 1e-5; // of GroupNorm, as PyTorch's

/** Weights and sizes; `groups` is g. */
export interface Stack {
  readonly groups: number;
  /** [k, k, in, g · out]; the first convolution's input, 3 channels, is shared by all groups. */
  readonly weights: readonly tf.Tensor[];
  /** [1, H', W', g · out]: adding a whole map is faster than a number a channel to each pixel. */
  readonly biases: readonly tf.Tensor[];
  readonly strides: readonly number[];
}

/** What a backward pass needs, by layer. */
export interface Kept {
  /** x̂ [n, H, W, g · in]; the first are the images. */
  readonly inputs: readonly tf.Tensor[];
  /** After ReLU [n, H', W', g · out]. */
  readonly outputs: readonly tf.Tensor[];
  /** 1/σ of each input but the first, by image and group. */
  readonly inverses: readonly tf.Tensor[];
}

/** Where a backward pass starts. */
export interface Backward {
  readonly kept: Kept;
  /** [n, 1, 1, g · C] */
  readonly dPooled: tf.Tensor;
}

/** Of the weights w' and biases b', by layer. */
export interface StackGradients {
  /** [k, k, in, g · out] */
  readonly weights: readonly tf.Tensor[];
  /** [g · out] */
  readonly biases: readonly tf.Tensor[];
}

/** images [n, H, W, 3] → pooled [n, 1, 1, g · C]. */
export function forward(
  eager: Eager,
  stack: Stack,
  { images, keep }: { readonly images: tf.Tensor; readonly keep: boolean },
): { readonly pooled: tf.Tensor; readonly kept: Kept } {
  const inputs = [images], outputs: tf.Tensor[] = [], inverses: tf.Tensor[] = [];
  for (const layer of stack.weights.keys()) {
    if (layer > 0) {
      const { x, inverse } = normalise(eager, outputs[layer - 1], stack);
      inputs.push(x);
      inverses.push(inverse);
      if (!keep) tf.dispose([outputs[layer - 1], inverse]);
    }
    outputs.push(convolve(eager, stack, { layer, x: inputs[layer] }));
    if (!keep && layer > 0) inputs[layer].dispose();
  }
  const last = outputs[outputs.length - 1], pooled = eager.mean(last, "1,2");
  if (!keep) last.dispose();
  return { pooled, kept: { inputs, outputs, inverses } };
}

/** From the gradient by `pooled`. */
export function backward(eager: Eager, stack: Stack, pass: Backward): StackGradients {
  const weights: tf.Tensor[] = [], biases: tf.Tensor[] = [];
  eachLayer(eager, stack, pass, (dz, layer) => {
    const shape = stack.weights[layer].shape;
    weights[layer] = eager.conv2dWeights(pass.kept.inputs[layer], dz, { ...sliding(stack, layer), shape });
    biases[layer] = eager.channelSum(dz);
  });
  return { weights, biases };
}

/** Sums; disposes of the terms. */
export function addGradients(a: StackGradients, b: StackGradients): StackGradients {
  const add = (a: readonly tf.Tensor[], b: readonly tf.Tensor[]) =>
    a.map((one, layer) => consume([one, b[layer]], () => tf.add(one, b[layer])));
  return { weights: add(a.weights, b.weights), biases: add(a.biases, b.biases) };
}

/** The gradient by the images [n, H, W, 3], all groups' added up. */
export function imageGradient(eager: Eager, stack: Stack, pass: Backward): tf.Tensor {
  const { shape } = pass.kept.inputs[0];
  let gradient: tf.Tensor | undefined;
  eachLayer(eager, stack, pass, (dz, layer) => {
    if (layer === 0) gradient = eager.conv2dInput(dz, stack.weights[0], { ...sliding(stack, 0), shape });
  });
  return gradient!;
}

/** Visits the gradients by pre-activations dz [n, H', W', g · out], from the last layer to the first. */
function eachLayer(
  eager: Eager,
  stack: Stack,
  { kept, dPooled }: Backward,
  visit: (dz: tf.Tensor, layer: number) => void,
): void {
  const { inputs, outputs, inverses } = kept, last = outputs.length - 1;
  let dy = spread(eager, dPooled, outputs[last].shape);
  for (let layer = last; layer >= 0; layer--) {
    const dz = consume([dy], () => eager.run("ReluGrad", [dy, outputs[layer]]));
    visit(dz, layer);
    if (layer > 0) {
      const x = inputs[layer], shape = x.shape;
      const dx = eager.conv2dInput(dz, stack.weights[layer], { ...sliding(stack, layer), shape });
      dy = consume([dx], () => normaliseBack(eager, stack, { dx, x, inverse: inverses[layer - 1] }));
    }
    dz.dispose();
  }
}

function convolve(
  eager: Eager,
  stack: Stack,
  { layer, x }: { readonly layer: number; readonly x: tf.Tensor },
): tf.Tensor {
  const product = eager.conv2d(x, stack.weights[layer], sliding(stack, layer));
  const sum = consume([product], () => eager.run("AddV2", [product, stack.biases[layer]]));
  return consume([sum], () => eager.run("Relu", [sum]));
}

/** x̂ = (y − mean) / √(variance + ε) over pixels and the channels of a group. */
function normalise(
  eager: Eager,
  y: tf.Tensor,
  stack: Stack,
): { readonly x: tf.Tensor; readonly inverse: tf.Tensor } {
  const { shape, axes } = groupsOf(y, stack);
  const flat = tf.reshape(y, shape), mean = eager.mean(flat, axes);
  const centred = consume([flat, mean], () => eager.run("Sub", [flat, mean]));
  const squares = eager.run("Square", [centred]);
  const variance = consume([squares], () => eager.mean(squares, axes));
  const inverse = consume([variance], () => tf.tidy(() => tf.rsqrt(tf.add(variance, EPSILON))));
  const x = consume([centred], () => eager.run("Mul", [centred, inverse]));
  return { x: consume([x], () => tf.reshape(x, y.shape)), inverse };
}

/** dy = (dx̂ − mean(dx̂) − x̂ · mean(dx̂ ⊙ x̂)) / σ. */
function normaliseBack(
  eager: Eager,
  stack: Stack,
  { dx, x, inverse }: { readonly dx: tf.Tensor; readonly x: tf.Tensor; readonly inverse: tf.Tensor },
): tf.Tensor {
  const { shape, axes } = groupsOf(x, stack);
  const [d, flat] = [tf.reshape(dx, shape), tf.reshape(x, shape)];
  const product = eager.run("Mul", [d, flat]);
  const slope = consume([product], () => eager.mean(product, axes));
  const part = consume([flat, slope], () => eager.run("Mul", [flat, slope]));
  const mean = eager.mean(d, axes);
  const rest = consume([d, part], () => eager.run("Sub", [d, part]));
  const centred = consume([rest, mean], () => eager.run("Sub", [rest, mean]));
  const dy = consume([centred], () => eager.run("Mul", [centred, inverse]));
  return consume([dy], () => tf.reshape(dy, x.shape));
}

/** A shape of y [n, H, W, g · C] in which `axes` span the pixels and channels of a group. */
function groupsOf(
  { shape: [n, height, width, channels], size }: tf.Tensor,
  { groups }: Stack,
): { readonly shape: number[]; readonly axes: "1" | "1,3" } {
  if (groups === 1) return { shape: [n, size / n], axes: "1" };
  return { shape: [n, height! * width!, groups, channels! / groups], axes: "1,3" };
}

/** The gradient of the mean over pixels. */
function spread(eager: Eager, dPooled: tf.Tensor, shape: readonly number[]): tf.Tensor {
  const each = tf.div(dPooled, shape[1] * shape[2]);
  return consume([each], () => eager.broadcast(each, shape));
}

function sliding({ strides }: Stack, layer: number): Sliding {
  return { stride: strides[layer], padding: "VALID" };
}

/** Disposes of what was needed for `make` alone. */
function consume<T>(tensors: readonly tf.Tensor[], make: () => T): T {
  const made = make();
  tf.dispose([...tensors]);
  return made;
}
