/**
 * The results of a batch, from micro-batches on the device to sums and means on the host.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { pairs, type ViewCounts } from "./loss.ts";
import type { Loops } from "./nn/types.ts";
import type { Weights } from "./nn/parameters.ts";
import type { Params, SharedArrays } from "./nn/types.ts";

/** Results of a whole batch; arrays belong to the caller, except gradients read into a run's own arrays. */
export interface BatchResult {
  /** Loss of the method, averaged over images and pairs of views; without the leaves' penalty. */
  readonly loss: number;
  /** Entropy of the teacher's distributions, nats, averaged; NaN where the method has none. */
  readonly entropy: number;
  /** Mean over images of the student's leaves' cosine similarity, see {@linkcode leafCosines}; NaN without leaves. */
  readonly leafCosine: number;
  /** Means, over images and teacher views, of the quantities that the method's state follows. */
  readonly means: Weights;
  /** The teacher's embeddings, rows of D. */
  readonly embeddings: Float32Array;
  /** Gradients by trained parameter. */
  readonly gradients: Weights;
  /** Running statistics after the batch, of student and teacher; empty where a model has none. */
  readonly buffers: { readonly student: Weights; readonly teacher: Weights };
}

/**
 * Results of one micro-batch, as tensors: sums over images, and over the views or pairs of the batch's means.
 */
export interface PartialResult {
  readonly loss: tf.Scalar;
  readonly leafCosine?: tf.Scalar;
  readonly entropy?: tf.Scalar;
  readonly follow: Params;
  readonly embeddings: tf.Tensor;
  readonly gradients: Params;
  readonly buffers: { readonly student: Params; readonly teacher: Params };
}

/** Copies a micro-batch's results to the host, gradients into shared arrays where there are any, and frees its tensors. */
export async function read(
  part: PartialResult,
  { into, arrays }: { readonly into?: Weights; readonly arrays?: SharedArrays },
): Promise<BatchResult> {
  const { loss, entropy, leafCosine, follow, embeddings, gradients, buffers } = part;
  const result = {
    loss: await valueOf(loss),
    entropy: await valueOf(entropy),
    leafCosine: await valueOf(leafCosine),
    means: await copyAll(follow),
    embeddings: await copy(embeddings),
    gradients: into && arrays ? readInto(into, gradients, arrays) : await copyAll(gradients),
    buffers: { student: await copyAll(buffers.student), teacher: await copyAll(buffers.teacher) },
  };
  tf.dispose([loss, entropy, leafCosine, embeddings].filter((tensor) => tensor !== undefined));
  for (const params of [follow, gradients, buffers.student, buffers.teacher]) {
    tf.dispose(Object.values(params));
  }
  return result;
}

/** Value of a scalar; NaN where it was not measured. */
async function valueOf(scalar: tf.Scalar | undefined): Promise<number> {
  return scalar === undefined ? NaN : (await scalar.data())[0];
}

function readInto(into: Weights, gradients: Params, arrays: SharedArrays): Weights {
  for (const [name, gradient] of Object.entries(gradients)) arrays.read(gradient, into[name]);
  return into;
}

async function copyAll(params: Params): Promise<Weights> {
  const entries = Object.entries(params);
  return Object.fromEntries(await Promise.all(entries.map(async ([name, t]) => [name, await copy(t)])));
}

/** Copies an array, because the `cpu` backend hands out its own. */
async function copy(tensor: tf.Tensor): Promise<Float32Array> {
  const values = await tensor.data() as Float32Array;
  return tf.getBackend() === "cpu" ? values.slice() : values;
}

/** Sums; `total`'s arrays are reused. */
export function add(total: BatchResult, part: BatchResult): BatchResult {
  addTo(total.means, part.means);
  addTo(total.gradients, part.gradients);
  return {
    ...total,
    loss: total.loss + part.loss,
    entropy: total.entropy + part.entropy,
    leafCosine: total.leafCosine + part.leafCosine,
    embeddings: joined(total.embeddings, part.embeddings),
  };
}

function addTo(total: Weights, part: Weights): void {
  for (const [name, values] of Object.entries(part)) {
    const sums = total[name];
    for (let i = 0; i < sums.length; i++) sums[i] += values[i];
  }
}

function joined(a: Float32Array, b: Float32Array): Float32Array {
  const whole = new Float32Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}

/** Sums over images and pairs, or images and views, become means. */
export function average(
  sums: BatchResult,
  { batch, counts, loops }: {
    /** Images. */
    readonly batch: number;
    readonly counts: ViewCounts;
    readonly loops: Loops;
  },
): BatchResult {
  const { globals, locals } = counts;
  const perPair = 1 / (batch * pairs(counts));
  const perTeacherView = 1 / (batch * globals);
  const perView = 1 / (batch * (globals + locals));
  for (const values of Object.values(sums.gradients)) loops.scale(values, perPair);
  for (const values of Object.values(sums.means)) loops.scale(values, perTeacherView);
  return {
    ...sums,
    loss: sums.loss * perPair,
    entropy: sums.entropy * perTeacherView,
    leafCosine: sums.leafCosine * perView,
  };
}
