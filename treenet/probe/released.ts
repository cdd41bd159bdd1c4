/**
 * The linear evaluation of the released code (docs/recipe.md, "Linear evaluation"): one linear layer on the
 * unscaled features, softmax cross-entropy, Adam with 1e-2, batches of 256 in the order of the images, until
 * the training loss has not improved for 5 epochs.
 *
 * It serves as a comparison: its stopping point depends on the scale of the features, the order of the images
 * and the layer's initial weights, none of which is a property of the features' quality.
 *
 * @module
 */
import { Matrix64 } from "../linalg/matrix64.ts";
import { random } from "../random.ts";
import type { LabelledFeatures } from "./feature_rows.ts";
import { argmax } from "./logistic.ts";

export interface ReleasedOptions {
  readonly classes: number;
  /** Seed of the initial weights. */
  readonly seed: number;
  /** @default 1e-2 */
  readonly learningRate?: number;
  /** Images a step; the last of an epoch may have fewer. @default 256 */
  readonly batch?: number;
  /** Number of epochs without a new lowest training loss before it stops. @default 5 */
  readonly patience?: number;
  /** Largest number of epochs. @default 1000 */
  readonly maxEpochs?: number;
  /** Called after each epoch; may be awaited to yield, and may throw to stop. */
  readonly progress?: (epoch: number) => void | Promise<void>;
}

/** A trained layer: scores = x · weights + biases. */
export interface LinearLayer {
  /** [d, c] row-major. */
  readonly weights: Float64Array;
  /** [c] */
  readonly biases: Float64Array;
  /** Mean training loss of every epoch, nats, each batch measured before its step. */
  readonly losses: readonly number[];
}

/** Adam's constants (Kingma and Ba 2015), PyTorch's defaults. */
const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];

/** Number of this random stream, so that no other draw repeats it. */
const STREAM = 0x4e1ea5ed;

/** Trains the layer, in float64 and with one fixed order of sums. */
export async function trainReleased(train: LabelledFeatures, options: ReleasedOptions): Promise<LinearLayer> {
  const { patience = 5, maxEpochs = 1000 } = options;
  const x = await Matrix64.create(new Float64Array(train.x), train.labels.length, train.size);
  try {
    const layer = initialLayer(train.size, options);
    const step = adam(layer, options.learningRate ?? 1e-2);
    const losses: number[] = [];
    for (let best = Infinity, since = 0; since < patience && losses.length < maxEpochs;) {
      const loss = epoch({ x, labels: train.labels, layer, step }, options);
      losses.push(loss);
      since = loss < best ? 0 : since + 1;
      best = Math.min(best, loss);
      await options.progress?.(losses.length);
    }
    return { ...parts(layer, train.size), losses };
  } finally {
    x.free();
  }
}

/** The class with the highest score for each image, [n]; the lowest number among equals. */
export function predictReleased({ weights, biases }: LinearLayer, features: LabelledFeatures): Uint8Array {
  const [size, classes] = [features.size, biases.length];
  return Uint8Array.from(features.labels, (_, row) => {
    const scores = biases.slice();
    for (let k = 0; k < size; k++) {
      const value = features.x[row * size + k];
      for (let j = 0; j < classes; j++) scores[j] += value * weights[k * classes + j];
    }
    return argmax(scores);
  });
}

/** Initial layer as in PyTorch's Linear, uniform in ±1/√d. One array: weights [d, c], then biases [c]. */
function initialLayer(size: number, { classes, seed }: ReleasedOptions): Float64Array {
  const stream = random(seed, STREAM);
  const bound = 1 / Math.sqrt(size);
  return Float64Array.from({ length: (size + 1) * classes }, () => (2 * stream.uniform() - 1) * bound);
}

/** Views of the two parts of a layer. */
function parts(layer: Float64Array, size: number): Pick<LinearLayer, "weights" | "biases"> {
  const classes = layer.length / (size + 1);
  return { weights: layer.subarray(0, size * classes), biases: layer.subarray(size * classes) };
}

interface Training {
  readonly x: Matrix64;
  readonly labels: Uint8Array;
  /** Parameters, which `step` changes. */
  readonly layer: Float64Array;
  readonly step: (gradient: Float64Array) => void;
}

/** One pass over the images in their order; returns the mean loss. */
function epoch({ x, labels, layer, step }: Training, { classes, batch = 256 }: ReleasedOptions): number {
  const { weights, biases } = parts(layer, x.columns);
  const gradient = new Float64Array(layer.length);
  let loss = 0;
  for (let from = 0; from < x.rows; from += batch) {
    const rows = { from, to: Math.min(x.rows, from + batch) };
    const residuals = x.times(weights, classes, rows);
    loss += softmaxResiduals(residuals, { labels: labels.subarray(rows.from, rows.to), biases });
    gradient.set(x.transposedTimes(residuals, classes, rows));
    gradient.fill(0, weights.length);
    for (let i = 0; i < residuals.length; i++) gradient[weights.length + i % classes] += residuals[i];
    step(gradient);
  }
  return loss / x.rows;
}

/**
 * Turns scores [rows, c] without biases into the gradient of the mean loss with respect to them, (softmax −
 * one-hot) / rows, in place; returns the summed loss.
 */
function softmaxResiduals(
  scores: Float64Array,
  { labels, biases }: { readonly labels: Uint8Array; readonly biases: Float64Array },
): number {
  const classes = biases.length;
  let loss = 0;
  for (let row = 0; row < labels.length; row++) {
    const of = scores.subarray(row * classes, (row + 1) * classes);
    let top = -Infinity;
    for (let j = 0; j < classes; j++) top = Math.max(top, of[j] += biases[j]);
    const own = of[labels[row]] - top;
    let sum = 0;
    for (let j = 0; j < classes; j++) sum += of[j] = Math.exp(of[j] - top);
    for (let j = 0; j < classes; j++) of[j] /= sum * labels.length;
    of[labels[row]] -= 1 / labels.length;
    loss += Math.log(sum) - own;
  }
  return loss;
}

/** Returns the step that moves `parameters` along a gradient (Kingma and Ba 2015, algorithm 1). */
function adam(parameters: Float64Array, learningRate: number): (gradient: Float64Array) => void {
  const [first, second] = [new Float64Array(parameters.length), new Float64Array(parameters.length)];
  let [power1, power2] = [1, 1];
  return (gradient) => {
    [power1, power2] = [power1 * BETA1, power2 * BETA2];
    for (let i = 0; i < parameters.length; i++) {
      first[i] = BETA1 * first[i] + (1 - BETA1) * gradient[i];
      second[i] = BETA2 * second[i] + (1 - BETA2) * gradient[i] ** 2;
      const deviation = Math.sqrt(second[i] / (1 - power2)) + EPSILON;
      parameters[i] -= learningRate * (first[i] / (1 - power1)) / deviation;
    }
  };
}
