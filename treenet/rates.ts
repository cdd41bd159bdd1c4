/**
 * Times of the stages' computations on one core without a graphics card, in seconds: the declared rates from
 * which estimates start, right within a factor of about two. They are part of no stage's code.
 *
 * @module
 */
import { pathwayActivations } from "./nn/cost.ts";
import type { Encoder, Model } from "./nn/types.ts";

/** Floating point operations a second. */
const RATE = { pathways: 25e9, others: 15e9, head: 12.5e9, fit: 2.5e9, neighbours: 1.5e9 };

/** Pixels on a side of the images of CIFAR-10. */
const SIDE = 32;

/** Evaluations of the objective: for the first penalty and each further one, and for one that is solved to the end. */
const EVALUATIONS = { first: 30, further: 8, solved: 15 };

const CLASSES = 10;

/** Epochs of the released probe at 50,000 images. */
const EPOCHS = 35;

/** The encoder that a stage's modules and parameters name. */
export function encoderOf(
  { model }: Readonly<Record<string, unknown>>,
  architecture: unknown,
): Encoder {
  const { build, config } = moduleOf<Model>(model);
  return build(config.parse(architecture));
}

/** Default export of a model's or method's module. */
export function moduleOf<T>(namespace: unknown): T {
  return (namespace as { readonly default: T }).default;
}

/** One forward pass of an image or view. */
export function passSeconds(encoder: Encoder, pixels: number = SIDE): number {
  return 2 * encoder.multiplyAdds(pixels) / RATE[encoder.pathways === undefined ? "others" : "pathways"];
}

/** One view's passes through a head of so many weights, forward as one and backward as two. */
export function headSeconds(weights: number): number {
  return 2 * weights / RATE.head;
}

/** Size of the features to evaluate: images to fit, and features of an image. */
export interface Fitted {
  readonly train: number;
  readonly size: number;
}

/**
 * A linear probe along a path of penalties; with folds, every penalty is solved on all images and without each
 * fold, which together is as long as so many times all of them.
 */
export function linearSeconds(
  { train, size }: Fitted,
  { penalties, folds = 0 }: { readonly penalties: number; readonly folds?: number },
): number {
  const { first, further, solved } = EVALUATIONS;
  const evaluations = folds === 0 ? first + further * (penalties - 1) : folds * penalties * solved;
  const covariances = Math.max(1, folds) * train * size ** 2;
  const factors = (folds + 1) * penalties * size ** 3 / 3;
  return (evaluations * 2 * train * size * CLASSES + covariances + factors) / RATE.fit;
}

/** The released code's probe, of one layer. */
export function releasedSeconds({ train, size }: Fitted): number {
  return EPOCHS * 2 * train * size * CLASSES / RATE.fit;
}

/** The nearest neighbours of `test` images. */
export function neighbourSeconds({ train, size }: Fitted, test: number): number {
  return train * test * size / RATE.neighbours;
}

/** Features of all leaves together; 0 where there is one. */
export function leafFeatures({ leaves, specs }: Encoder): number {
  const outputs = specs.find(({ name }) => name === "leaves.output.bias");
  return leaves === 1 ? 0 : outputs?.shape.reduce((product, extent) => product * extent, 1) ?? 0;
}

/** Numbers that an encoder's layers put out for one image. */
export function activations({ pathways, multiplyAdds, specs }: Encoder): number {
  if (pathways !== undefined) return pathwayActivations(pathways.spec, SIDE);
  // Calibrated on ResNet50: a million outputs. A layer's width grows as the square root of the weights.
  return 58 * multiplyAdds(SIDE) / Math.sqrt(weightsIn(specs));
}

/** Numbers in parameters. */
export function weightsIn(specs: readonly { readonly shape: readonly number[] }[]): number {
  return specs.reduce((sum, { shape }) => sum + shape.reduce((product, extent) => product * extent, 1), 0);
}
