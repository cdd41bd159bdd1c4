/**
 * The linear evaluation of the released code (docs/recipe.md, "Linear evaluation"): one linear layer on the
 * unscaled features, softmax cross-entropy, Adam with 1e-2, batches of 256 in the order of the images, until 5
 * epochs in a row bring no gain in the training loss.
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
  /** Number of epochs in a row without a gain before it stops. @default 5 */
  readonly patience?: number;
  /** Least gain: a fall of the sum of the batches' mean losses ÷ number of images by more than this. @default 1e-5 */
  readonly gain?: number;
  /** Called after each epoch; may be awaited to yield, and may throw to stop. */
  readonly progress?: (epoch: number) => void | Promise<void>;
}

/** A layer: scores = x · weights + biases. */
export interface LinearLayer {
  /** [d, c] row-major. */
  readonly weights: Float64Array;
  /** [c] */
  readonly biases: Float64Array;
}

/** A layer where its training stopped. */
export interface TrainedLayer extends LinearLayer {
  /** Mean of the batches' mean losses of every epoch, nats, each batch measured before its step. */
  readonly losses: readonly number[];
}

/** Adam's constants (Kingma and Ba 2015), PyTorch's defaults. */
const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];

/** Number of this random stream, so that no other draw repeats it. */
const STREAM = 0x4e1ea5ed;

/** Epochs after which a layer that still gains is an error: the released code has no limit, and stops after dozens. */
const MOST = 10_000;

/** Trains the layer until it stops, in float64 and with one fixed order of sums. */
export async function trainReleased(
  train: LabelledFeatures,
  options: ReleasedOptions,
): Promise<TrainedLayer> {
  const { patience = 5, gain = 1e-5, batch = 256, progress } = options;
  const batches = Math.ceil(train.labels.length / batch);
  const losses: number[] = [];
  let [lowest, since] = [Infinity, 0];
  for await (const { layer, loss } of releasedEpochs(train, options)) {
    losses.push(loss / batches);
    const images = loss / train.labels.length;
    [lowest, since] = lowest - images > gain ? [images, 0] : [lowest, since + 1];
    await progress?.(losses.length);
    if (since === patience) return { ...layer, losses };
    if (losses.length === MOST) break;
  }
  throw new RangeError(
    `Cannot finish the released probe: it still gains more than ${gain} an image after ${MOST} epochs, raise the least gain`,
  );
}

/** Trains without end: after each epoch the layer, which goes on changing, and the sum of its batches' mean losses. */
export async function* releasedEpochs(
  train: LabelledFeatures,
  options: ReleasedOptions,
): AsyncGenerator<{ readonly layer: LinearLayer; readonly loss: number }> {
  const x = await Matrix64.create(new Float64Array(train.x), train.labels.length, train.size);
  try {
    const parameters = initialParameters(train.size, options);
    const step = adam(parameters, options.learningRate ?? 1e-2);
    for (;;) {
      const loss = epoch({ x, labels: train.labels, parameters, step }, options);
      yield { layer: parts(parameters, train.size), loss };
    }
  } finally {
    x.free();
  }
}

/** The layer before its first step. */
export function initialLayer(size: number, options: ReleasedOptions): LinearLayer {
  return parts(initialParameters(size, options), size);
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

/** Initial weights as in PyTorch's Linear, uniform in ±1/√d. One array: weights [d, c], then biases [c]. */
function initialParameters(size: number, { classes, seed }: ReleasedOptions): Float64Array {
  const stream = random(seed, STREAM);
  const bound = 1 / Math.sqrt(size);
  return Float64Array.from({ length: (size + 1) * classes }, () => (2 * stream.uniform() - 1) * bound);
}

/** Views of the two parts of a layer. */
function parts(parameters: Float64Array, size: number): LinearLayer {
  const classes = parameters.length / (size + 1);
  return { weights: parameters.subarray(0, size * classes), biases: parameters.subarray(size * classes) };
}

interface Training {
  readonly x: Matrix64;
  readonly labels: Uint8Array;
  /** Weights and biases, which `step` changes. */
  readonly parameters: Float64Array;
  readonly step: (gradient: Float64Array) => void;
}

/** One pass over the images in their order; returns the sum of the batches' mean losses. */
function epoch({ x, labels, parameters, step }: Training, { classes, batch = 256 }: ReleasedOptions): number {
  const { weights, biases } = parts(parameters, x.columns);
  const gradient = new Float64Array(parameters.length);
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
  return loss;
}

/**
 * Turns scores [rows, c] without biases into the gradient of the mean loss with respect to them, (softmax −
 * one-hot) / rows, in place; returns the mean loss.
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
    loss += (Math.log(sum) - own) / labels.length;
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
