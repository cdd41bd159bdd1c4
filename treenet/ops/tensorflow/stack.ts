/**
 * A stack of convolutions that computes g pathways side by side in its channels: convolution, bias, ReLU, and
 * between layers a normalisation per image and pathway (`folding.ts` has put γ and β into the weights).
 *
 * Every pass over the activations costs about a tenth of a convolution, so normalisation makes only the two
 * passes that sum up its statistics. With u a layer's output, μ and v its mean and variance in an image,
 *
 *     w ∗ (u − μ) / √(v + ε) + b = (w ∗ u − μ Σw + b √(v + ε)) / √(v + ε)
 *
 * and the division is postponed: ReLU commutes with it, and so does the next normalisation, whose ε becomes ε
 * (v + ε) in units of u. The last division is applied to the pooled channels. Tensors of one number an image
 * and pathway [n, 1, g, 1] do this, forwards and backwards; activations are convolved, shifted, cut and
 * summed.
 *
 * Tensors are disposed of as soon as nothing needs them: the next operation finds their memory in the cache.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { tidy } from "../../nn/tensors.ts";
import type { Eager, Sliding } from "./eager.ts";

/** ε of GroupNorm, as in PyTorch. */
export const EPSILON = 1e-5;

/** Weights and strides of a stack; `groups` is g. */
export interface Stack {
  readonly groups: number;
  /** w [k, k, in, g · out]; the first convolution's input, 3 channels, is shared by all groups. */
  readonly weights: readonly tf.Tensor[];
  /** b [1, 1, g, out] */
  readonly biases: readonly tf.Tensor[];
  /** Σw over pixels and input channels [1, 1, g, out]. */
  readonly sums: readonly tf.Tensor[];
  readonly strides: readonly number[];
}

/** Statistics of one layer's output, by image and pathway [n, 1, g, 1]. */
export interface Statistics {
  /** μ */
  readonly mean: tf.Tensor;
  /** √(v + ε) */
  readonly root: tf.Tensor;
}

/** Tensors that a backward pass needs. */
export interface Kept {
  /** [n, H, W, 3] */
  readonly images: tf.Tensor;
  /** u of each layer [n, H', W', g · out]. */
  readonly outputs: readonly tf.Tensor[];
  /** Statistics of each u but the last. */
  readonly statistics: readonly Statistics[];
  /** Mean over pixels of the last u [n, 1, g, out]. */
  readonly means: tf.Tensor;
}

/** Start of a backward pass. */
export interface Backward {
  readonly kept: Kept;
  /** [n, 1, g, out] */
  readonly dPooled: tf.Tensor;
}

/** Gradients of w and b, by layer. */
export interface StackGradients {
  /** [k, k, in, g · out] */
  readonly weights: readonly tf.Tensor[];
  /** [g · out] */
  readonly biases: readonly tf.Tensor[];
}

/** Result of a forward pass. */
export interface Forward {
  /** [n, 1, g, out] */
  readonly pooled: tf.Tensor;
  readonly kept: Kept;
}

/** The passes through a stack. */
export interface StackPasses {
  /** images [n, H, W, 3] → pooled. Tensors that are not kept are disposed of. */
  forward(
    eager: Eager,
    stack: Stack,
    pass: { readonly images: tf.Tensor; readonly keep: boolean },
  ): Forward;
  /** Gradients of w and b, from the gradient by `pooled`. */
  backward(eager: Eager, stack: Stack, pass: Backward): StackGradients;
  /** Gradient by the images [n, H, W, 3], summed over the groups. */
  imageGradient(eager: Eager, stack: Stack, pass: Backward): tf.Tensor;
}

/** Passes that use TensorFlow's own operations. */
export const STOCK: StackPasses = { forward, backward, imageGradient: imageGradientBy(eachLayer) };

function forward(
  eager: Eager,
  stack: Stack,
  { images, keep }: { readonly images: tf.Tensor; readonly keep: boolean },
): Forward {
  const outputs: tf.Tensor[] = [], statistics: Statistics[] = [];
  let x = images;
  for (const layer of stack.weights.keys()) {
    if (layer > 0) statistics.push(measure(eager, stack, { x, before: statistics.at(-1) }));
    const product = eager.conv2d(x, stack.weights[layer], sliding(stack, layer));
    if (!keep && layer > 0) x.dispose();
    const shift = shiftOf(eager, stack, { layer, statistics: statistics.at(-1), shape: product.shape });
    const sum = consume([product, shift], () => eager.add(product, shift));
    x = consume([sum], () => eager.run("Relu", [sum]));
    outputs.push(x);
  }
  const means = tf.tidy(() => byGroup(eager.mean(x, "1,2"), stack)), last = statistics.at(-1);
  if (!keep) x.dispose();
  const pooled = last === undefined ? tf.clone(means) : eager.run("Div", [means, last.root]);
  return { pooled, kept: { images, outputs, statistics, means } };
}

function backward(eager: Eager, stack: Stack, pass: Backward): StackGradients {
  const { images, outputs, statistics } = pass.kept;
  const weights: tf.Tensor[] = [], biases: tf.Tensor[] = [];
  eachLayer(eager, stack, pass, ({ dz, total }, layer) => {
    const shape = stack.weights[layer].shape, x = layer === 0 ? images : outputs[layer - 1];
    const direct = eager.conv2dWeights(x, dz, { ...sliding(stack, layer), shape });
    const summed = (factor: tf.Tensor) => tf.tidy(() => eager.channelSum(flat(eager.mul(total, factor))));
    if (layer === 0) {
      weights[layer] = direct;
      biases[layer] = tf.tidy(() => eager.channelSum(flat(total)));
      return;
    }
    const { mean, root } = statistics[layer - 1], uniform = summed(mean);
    weights[layer] = consume([direct, uniform], () => eager.sub(direct, uniform));
    biases[layer] = summed(root);
  });
  return { weights, biases };
}

/** Adds gradients; disposes of the terms. */
export function addGradients(a: StackGradients, b: StackGradients): StackGradients {
  const add = (a: readonly tf.Tensor[], b: readonly tf.Tensor[]) =>
    a.map((one, layer) => consume([one, b[layer]], () => tf.add(one, b[layer])));
  return { weights: add(a.weights, b.weights), biases: add(a.biases, b.biases) };
}

/** Gradient by the images of passes whose layers are visited from the last to the first. */
export function imageGradientBy(
  eachLayer: (
    eager: Eager,
    stack: Stack,
    pass: Backward,
    visit: (gradients: { readonly dz: tf.Tensor }, layer: number) => void,
  ) => void,
): StackPasses["imageGradient"] {
  return (eager, stack, pass) => {
    const { shape } = pass.kept.images;
    let gradient: tf.Tensor | undefined;
    eachLayer(eager, stack, pass, ({ dz }, layer) => {
      if (layer === 0) gradient = eager.conv2dInput(dz, stack.weights[0], { ...sliding(stack, 0), shape });
    });
    return gradient!;
  };
}

/**
 * Visits the layers from the last to the first, with the gradient by ReLU's input, dz [n, H', W', g · out],
 * and its sum over pixels, `total` [n, 1, g, out].
 */
function eachLayer(
  eager: Eager,
  stack: Stack,
  { kept: { outputs, statistics, means }, dPooled }: Backward,
  visit: (gradients: { readonly dz: tf.Tensor; readonly total: tf.Tensor }, layer: number) => void,
): void {
  const last = outputs.length - 1;
  let { dy, dSquare } = pooledBack(eager, {
    dPooled,
    means,
    last: statistics.at(-1),
    shape: outputs[last].shape,
  });
  for (let layer = last; layer >= 0; layer--) {
    const dz = consume([dy], () => eager.run("ReluGrad", [dy, outputs[layer]]));
    const total = tf.tidy(() => byGroup(eager.sum(dz, "1,2"), stack));
    visit({ dz, total }, layer);
    if (layer > 0) {
      const x = outputs[layer - 1], statistic = statistics[layer - 1];
      const dx = consume(
        [dz],
        () => eager.conv2dInput(dz, stack.weights[layer], { ...sliding(stack, layer), shape: x.shape }),
      );
      const slopes = consume(
        [dSquare],
        () =>
          slopesOf(eager, stack, { layer, total, statistic, dSquare, size: x.size / statistic.mean.size }),
      );
      dSquare = slopes.dSquare;
      dy = consume([dx, slopes.constant, slopes.slope], () => addLine(eager, stack, { dx, x, ...slopes }));
    } else tf.dispose([dz, dSquare]);
    total.dispose();
  }
}

/** Mean of each image and pathway, and √(v + ε) with the variance v and ε in units of x. */
function measure(
  eager: Eager,
  stack: Stack,
  { x, before }: { readonly x: tf.Tensor; readonly before?: Statistics },
): Statistics {
  return tf.tidy(() => {
    const view = groupsOf(x, stack), axes = stack.groups === 1 ? "1,2,3" : "1,3";
    const mean = eager.mean(view, axes), norm = eager.norm(view, axes);
    const square = eager.mul(eager.square(norm), eager.number(mean.size / x.size));
    const variance = eager.run("Relu", [eager.sub(square, eager.square(mean))]); // rounding may take it below 0
    const epsilon = before === undefined
      ? eager.number(EPSILON)
      : eager.mul(eager.square(before.root), eager.number(EPSILON));
    return { mean, root: eager.run("Sqrt", [eager.add(variance, epsilon)]) };
  });
}

/** Shift that is added to a convolution's product: b √(v + ε) − μ Σw, or b alone. */
function shiftOf(
  eager: Eager,
  { biases, sums }: Stack,
  { layer, statistics, shape }: {
    readonly layer: number;
    readonly statistics?: Statistics;
    readonly shape: readonly number[];
  },
): tf.Tensor {
  return tf.tidy(() => {
    const bias = biases[layer];
    // Adding a whole map is faster than adding a channel's number to each pixel.
    if (statistics === undefined) return eager.broadcast(flat(bias), [1, ...shape.slice(1)]);
    return flat(eager.sub(eager.mul(bias, statistics.root), eager.mul(sums[layer], statistics.mean)));
  });
}

/** Gradients by the last u and by v + ε, from pooled = means / √(v + ε). */
function pooledBack(
  eager: Eager,
  { dPooled, means, last, shape }: {
    readonly dPooled: tf.Tensor;
    readonly means: tf.Tensor;
    readonly last?: Statistics;
    readonly shape: readonly number[];
  },
): { readonly dy: tf.Tensor; readonly dSquare: tf.Tensor } {
  return tidy(() => {
    const pixels = eager.number(1 / (shape[1] * shape[2]));
    const dMeans = last === undefined ? dPooled : eager.run("Div", [dPooled, last.root]);
    const dy = eager.broadcast(flat(eager.mul(dMeans, pixels)), shape);
    if (last === undefined) return { dy, dSquare: tf.scalar(0) };
    const product = eager.sum(eager.mul(dMeans, means), "3");
    const cube = eager.mul(eager.square(last.root), eager.number(-2));
    return { dy, dSquare: eager.run("Div", [product, cube]) };
  });
}

/** Gradients by μ and v of a layer's input, as `slope` · x − `constant`, and by v + ε before it. */
function slopesOf(
  eager: Eager,
  { biases, sums }: Stack,
  { layer, total, statistic: { mean, root }, dSquare, size }: {
    readonly layer: number;
    readonly total: tf.Tensor;
    readonly statistic: Statistics;
    readonly dSquare: tf.Tensor;
    /** Number of values that an image's statistics are taken over. */
    readonly size: number;
  },
): { readonly slope: tf.Tensor; readonly constant: tf.Tensor; readonly dSquare: tf.Tensor } {
  return tidy(() => {
    const dMean = eager.sum(eager.mul(total, sums[layer]), "3"); // with the opposite sign
    const dRoot = eager.sum(eager.mul(total, biases[layer]), "3");
    const through = eager.run("Div", [dRoot, eager.mul(root, eager.number(2))]);
    const all = eager.add(through, dSquare);
    const slope = eager.mul(all, eager.number(2 / size));
    const constant = eager.add(eager.mul(slope, mean), eager.mul(dMean, eager.number(1 / size)));
    return { slope, constant, dSquare: eager.mul(all, eager.number(EPSILON)) };
  });
}

/** dx + slope · x − constant. */
function addLine(
  eager: Eager,
  stack: Stack,
  { dx, x, slope, constant }: {
    readonly dx: tf.Tensor;
    readonly x: tf.Tensor;
    readonly slope: tf.Tensor;
    readonly constant: tf.Tensor;
  },
): tf.Tensor {
  const [d, values] = [groupsOf(dx, stack), groupsOf(x, stack)];
  const line = eager.mul(values, slope);
  const sum = consume([line], () => eager.add(d, line));
  const sloped = consume([sum], () => eager.sub(sum, constant));
  if (stack.groups === 1) return sloped;
  return consume([d, values, sloped], () => tf.reshape(sloped, x.shape));
}

/** x [n, H, W, g · C] as [n, H · W, g, C] where there are several groups. */
function groupsOf(x: tf.Tensor, { groups }: Stack): tf.Tensor {
  const [n, height, width, channels] = x.shape;
  return groups === 1 ? x : tf.reshape(x, [n, height! * width!, groups, channels! / groups]);
}

/** [n, 1, 1, g · C] → [n, 1, g, C] */
function byGroup(x: tf.Tensor, { groups }: Stack): tf.Tensor {
  return groups === 1 ? x : tf.reshape(x, [x.shape[0], 1, groups, -1]);
}

/** [n, 1, g, C] → [n, 1, 1, g · C] */
function flat(x: tf.Tensor): tf.Tensor {
  const [n, , groups] = x.shape;
  return groups === 1 ? x : tf.reshape(x, [n, 1, 1, -1]);
}

/** Stride and padding of a layer's convolution. */
export function sliding({ strides }: Stack, layer: number): Sliding {
  return { stride: strides[layer], padding: "VALID" };
}

/** Makes a value; disposes of the tensors that only it needed. */
function consume<T>(tensors: readonly tf.Tensor[], make: () => T): T {
  const made = make();
  tf.dispose([...tensors]);
  return made;
}
