/**
 * Correct answers as values to average, and their paired differences between two networks: image by image,
 * seed by seed and repetition by repetition, these vary far less than two separate accuracies.
 *
 * @module
 */
import type { Predicted } from "../probe/prediction_rows.ts";
import type { Crossed } from "./crossed.ts";

/** 1 where the predicted class is the label; for each seed one list of predictions [n], or those of a probe. */
export function correctness(seeds: readonly (Uint8Array | Predicted)[], labels: Uint8Array): Crossed {
  const probes = seeds.map((seed) => seed instanceof Uint8Array ? { repetitions: [seed] } : seed)
    .map(({ predictions, repetitions }) => ({
      predictions,
      repetitions: repetitions.length === 0 && predictions ? [predictions] : repetitions,
    }));
  const repetitions = probes[0]?.repetitions.length ?? 1;
  if (probes.some((probe) => probe.repetitions.length !== repetitions)) {
    throw new RangeError("Cannot score probes with different numbers of repetitions, expected equally many");
  }
  const reported = probes.map(({ predictions }) => predictions).filter((each) => each !== undefined);
  return {
    values: scored(probes.flatMap((probe) => probe.repetitions), labels),
    seeds: probes.length,
    repetitions,
    images: labels.length,
    ...reported.length > 0 && { reported: scored(reported, labels) },
  };
}

/**
 * a − b, image by image, seed by seed and repetition by repetition. Where `b` has one seed, such as a control
 * without randomness, it is compared with every seed of `a`; where either has one repetition, with every
 * repetition of the other.
 */
export function difference(a: Crossed, b: Crossed): Crossed {
  const { seeds, images } = a, repetitions = Math.max(a.repetitions, b.repetitions);
  const fits = [a, b].every((side) => side.repetitions === repetitions || side.repetitions === 1);
  if (b.images !== images || (b.seeds !== seeds && b.seeds !== 1) || !fits) {
    throw new RangeError(
      `Cannot pair ${shapeOf(a)} with ${shapeOf(b)}, expected the same seeds, repetitions and images`,
    );
  }
  const values = new Int8Array(seeds * repetitions * images);
  for (let row = 0; row < seeds * repetitions; row++) {
    const [seed, repetition] = [Math.floor(row / repetitions), row % repetitions];
    const [x, y] = [a, b].map((side) => rowOf(side, seed, repetition));
    for (let i = 0; i < images; i++) values[row * images + i] = x[i] - y[i];
  }
  const [x, y] = [reportedOf(a), reportedOf(b)];
  const reported = x && y && x.map((value, at) => value - y[at % y.length]);
  return { values, seeds, repetitions, images, ...reported && { reported } };
}

/** [images]; one seed or repetition stands for all. */
function rowOf({ values, seeds, repetitions, images }: Crossed, seed: number, repetition: number): Int8Array {
  const row = (seed % seeds) * repetitions + repetition % repetitions;
  return values.subarray(row * images, (row + 1) * images);
}

function reportedOf({ reported, values, repetitions }: Crossed): Int8Array | undefined {
  return reported ?? (repetitions === 1 ? values : undefined);
}

function shapeOf({ seeds, repetitions, images }: Crossed): string {
  return `${seeds} seeds by ${repetitions} repetitions on ${images} images`;
}

function scored(predictions: readonly Uint8Array[], labels: Uint8Array): Int8Array {
  const images = labels.length;
  const values = new Int8Array(predictions.length * images);
  for (const [row, classes] of predictions.entries()) {
    if (classes.length !== images) {
      throw new RangeError(`Cannot score ${classes.length} predictions against ${images} labels`);
    }
    for (let i = 0; i < images; i++) values[row * images + i] = classes[i] === labels[i] ? 1 : 0;
  }
  return values;
}
