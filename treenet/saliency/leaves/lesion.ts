/**
 * The loss of accuracy without one leaf: its output is replaced by its mean over images, the others keep
 * theirs, and the join's embedding of them goes to a linear probe that was fitted on the intact network.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { argmax } from "../../probe/logistic.ts";
import { tidy } from "../../nn/tensors.ts";
import { leafNumbers, type LeafOutputs } from "./decoding.ts";
import type { Halves } from "./halves.ts";
import type { Network } from "../maps.ts";
import { type Classifier, rowsOf } from "./ridge.ts";

/** Fractions of images that are classified correctly. */
interface Accuracies {
  readonly accuracy: number;
  /** Fraction for each class, of the images of that class. */
  readonly recalls: Float64Array;
}

/** Changes of accuracy and recalls by the lesion: negative where the network gets worse. */
export interface Lesion extends Accuracies {
  /** Standard error over images of the change of accuracy, paired by image. */
  readonly standardError: number;
}

/** Lesion of one leaf on each half of the images. */
export type HalvedLesion = Readonly<Record<keyof Halves, Lesion>>;

/** The leaf whose lesion is worst on one half, and its change on the other half, where nothing was chosen. */
export interface WorstLesion {
  readonly leaf: number;
  /** Change on the half that chose the leaf: the lowest of all leaves, so biased downwards. */
  readonly selection: number;
  readonly measurement: number;
  /** Standard error of `measurement`. */
  readonly standardError: number;
}

/** The worst lesion; the selection half chooses the leaf. */
export function worstOf(lesions: readonly HalvedLesion[]): WorstLesion {
  const changes = lesions.map(({ selection }) => selection.accuracy);
  const leaf = changes.indexOf(Math.min(...changes));
  const { accuracy: measurement, standardError } = lesions[leaf].measurement;
  return { leaf, selection: changes[leaf], measurement, standardError };
}

export interface LesionOptions {
  /** Rows of the outputs whose mean replaces a leaf; `measuredOn` are the rows to measure on. */
  readonly meanOf: Int32Array;
  readonly measuredOn: Int32Array;
  /** Labels of all rows. */
  readonly labels: Uint8Array;
  readonly classes: number;
  /** Function from embeddings to scores. */
  readonly probe: Classifier;
  /** Number of images at once. */
  readonly batch: number;
  /** Called after each leaf. */
  readonly progress?: (done: number) => void;
}

/**
 * Lesions of every leaf of a tree.
 *
 * @throws {RangeError} if the network has no join
 */
export function lesions(
  network: Network,
  outputs: LeafOutputs,
  options: LesionOptions,
): readonly Lesion[] {
  const { measuredOn, labels, classes, probe, batch } = options;
  const intact = rowsOf(outputs.x, outputs.leaves * outputs.size, measuredOn);
  const means = meanOutputs(outputs, options.meanOf);
  const truth = Uint8Array.from(measuredOn, (row) => labels[row]);
  const scoreOf = (leaves: Float32Array) =>
    recallsOf(probe(embed(network, { ...outputs, x: leaves }, batch)), { truth, classes });
  const before = scoreOf(intact);
  return leafNumbers(outputs).map((leaf) => {
    const after = scoreOf(replaced(intact, { ...outputs, leaf, means }));
    options.progress?.(leaf + 1);
    return {
      accuracy: after.accuracy - before.accuracy,
      recalls: after.recalls.map((recall, label) => recall - before.recalls[label]),
      standardError: pairedError(after.right, before.right),
    };
  });
}

/** Leaf outputs [n, m, size] → embeddings [n, D], through the join alone. */
export function embed(
  { encoder, params, ops }: Network,
  { x, leaves, size }: LeafOutputs,
  batch: number,
): Float32Array {
  const join = encoder.pathways?.join;
  if (join === undefined) throw new RangeError("Cannot join the leaves of a network that is no tree");
  const width = leaves * size;
  const out = new Float32Array(x.length / width * encoder.size);
  for (let first = 0; first * width < x.length; first += batch) {
    const part = x.subarray(first * width, (first + batch) * width);
    const { embedding } = tidy(() => ({
      embedding: join(params, tf.tensor3d(part, [part.length / width, leaves, size]), {
        ops,
        training: false,
      }),
    }));
    out.set(embedding.dataSync<"float32">(), first * encoder.size);
    embedding.dispose();
  }
  return out;
}

/** Mean outputs over images, [m · size]. */
function meanOutputs({ x, leaves, size }: LeafOutputs, rows: Int32Array): Float64Array {
  const width = leaves * size;
  const mean = new Float64Array(width);
  for (const row of rows) {
    for (let i = 0; i < width; i++) mean[i] += x[row * width + i] / rows.length;
  }
  return mean;
}

function replaced(
  intact: Float32Array,
  o: { readonly leaves: number; readonly size: number; readonly leaf: number; readonly means: Float64Array },
): Float32Array {
  const width = o.leaves * o.size;
  const own = o.means.subarray(o.leaf * o.size, (o.leaf + 1) * o.size);
  const out = intact.slice();
  for (let from = o.leaf * o.size; from < out.length; from += width) out.set(own, from);
  return out;
}

function recallsOf(
  scores: Float64Array,
  { truth, classes }: { readonly truth: Uint8Array; readonly classes: number },
): Scored {
  const [named, counts] = [new Float64Array(classes), new Float64Array(classes)];
  const right = truth.map((label, i) =>
    argmax(scores.subarray(i * classes, (i + 1) * classes)) === label ? 1 : 0
  );
  truth.forEach((label, i) => {
    counts[label]++;
    named[label] += right[i];
  });
  return {
    accuracy: named.reduce((sum, count) => sum + count, 0) / truth.length,
    recalls: named.map((count, label) => counts[label] === 0 ? 0 : count / counts[label]),
    right,
  };
}

interface Scored extends Accuracies {
  /** [n], 1 where the predicted class is right. */
  readonly right: Uint8Array;
}

/** Standard error of the mean of a − b over images. */
function pairedError(a: Uint8Array, b: Uint8Array): number {
  const changes = Float64Array.from(a, (value, i) => value - b[i]);
  const n = changes.length;
  const centre = changes.reduce((sum, value) => sum + value, 0) / n;
  return Math.sqrt(changes.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (n - 1) / n);
}
