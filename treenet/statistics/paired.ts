/**
 * Correct answers as values to average, and their paired differences between two networks: image by image and
 * seed by seed, these vary far less than two separate accuracies.
 *
 * @module
 */
import type { Crossed } from "./crossed.ts";

/** 1 where the predicted class is the label; one list of predictions [N] for each seed. */
export function correctness(predictions: readonly Uint8Array[], labels: Uint8Array): Crossed {
  const images = labels.length;
  const values = new Int8Array(predictions.length * images);
  for (const [seed, classes] of predictions.entries()) {
    if (classes.length !== images) {
      throw new RangeError(`Cannot score ${classes.length} predictions against ${images} labels`);
    }
    for (let i = 0; i < images; i++) values[seed * images + i] = classes[i] === labels[i] ? 1 : 0;
  }
  return { values, seeds: predictions.length, images };
}

/**
 * a − b, image by image and seed by seed. A `b` of one seed, such as a control without randomness, is
 * compared with every seed of `a`.
 */
export function difference(a: Crossed, b: Crossed): Crossed {
  if (a.images !== b.images || (b.seeds !== a.seeds && b.seeds !== 1)) {
    throw new RangeError(
      `Cannot pair ${a.seeds} seeds on ${a.images} images with ${b.seeds} on ${b.images}, expected the same seeds and images`,
    );
  }
  const values = a.values.map((value, at) => value - b.values[at % b.values.length]);
  return { ...a, values };
}
