/**
 * What the passes over a batch give, from the micro-batches on the device to sums and means on the host.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Loops } from "./loops.ts";
import { type Lesson, pairs, type ViewCounts } from "./method.ts";
import type { Weights } from "./parameters.ts";
import type { Params, SharedArrays } from "./types.ts";

/** Of a whole batch; arrays belong to the caller, gradients where there was no {@linkcode Room} for them. */
export interface BatchResult {
  /** The method's, averaged over images and pairs of views; without the leaves' penalty. */
  readonly loss: number;
  /** Of the teacher's distributions, nats, averaged; NaN where the method has none. */
  readonly entropy: number;
  /** Mean over images of the student's leaves' cosine similarity, see {@linkcode leafCosines}; NaN without leaves. */
  readonly leafCosine: number;
  /** Mean of what the centre follows, as long as it. */
  readonly outputs: Float32Array;
  /** The teacher's embeddings, rows of D. */
  readonly embeddings: Float32Array;
  /** By trained parameter. */
  readonly gradients: Weights;
  /** Running statistics after the batch, of student and teacher; empty where a model has none. */
  readonly buffers: { readonly student: Weights; readonly teacher: Weights };
}

/** What is measured on the way to the gradients. */
export interface Sums {
  readonly loss: tf.Scalar;
  readonly leafCosine?: tf.Scalar;
}

/** One micro-batch, as tensors: sums over images and what else its means are over. */
export interface Part extends Sums, Pick<Lesson, "entropy" | "outputs"> {
  readonly embeddings: tf.Tensor;
  readonly gradients: Params;
  readonly buffers: { readonly student: Params; readonly teacher: Params };
}

/** Where gradients are written instead of new arrays, and by what. */
export interface Room {
  readonly gradients?: Weights;
  readonly arrays?: SharedArrays;
}

/** Copies a part to the host and frees its tensors. */
export async function read(part: Part, room: Room = {}): Promise<BatchResult> {
  const { loss, entropy, leafCosine, outputs, embeddings, gradients, buffers } = part;
  const result = {
    loss: await valueOf(loss),
    entropy: await valueOf(entropy),
    leafCosine: await valueOf(leafCosine),
    outputs: outputs === undefined ? new Float32Array(0) : await copy(outputs),
    embeddings: await copy(embeddings),
    gradients: readInto(room, gradients) ?? await copyAll(gradients),
    buffers: { student: await copyAll(buffers.student), teacher: await copyAll(buffers.teacher) },
  };
  tf.dispose([loss, entropy, leafCosine, outputs, embeddings].filter((tensor) => tensor !== undefined));
  for (const params of [gradients, buffers.student, buffers.teacher]) tf.dispose(Object.values(params));
  return result;
}

/** NaN for what was not measured. */
async function valueOf(scalar: tf.Scalar | undefined): Promise<number> {
  return scalar === undefined ? NaN : (await scalar.data())[0];
}

/** `undefined` where there is no room. */
function readInto({ gradients: room, arrays }: Room, gradients: Params): Weights | undefined {
  if (room === undefined || arrays === undefined) return undefined;
  for (const [name, gradient] of Object.entries(gradients)) arrays.read(gradient, room[name]);
  return room;
}

async function copyAll(params: Params): Promise<Weights> {
  const entries = Object.entries(params);
  return Object.fromEntries(await Promise.all(entries.map(async ([name, t]) => [name, await copy(t)])));
}

/** A copy: the `cpu` backend alone hands out its own array. */
async function copy(tensor: tf.Tensor): Promise<Float32Array> {
  const values = await tensor.data() as Float32Array;
  return tf.getBackend() === "cpu" ? values.slice() : values;
}

/** Sums; `total`'s arrays are reused. */
export function add(total: BatchResult, part: BatchResult): BatchResult {
  addTo(total.outputs, part.outputs);
  for (const [name, values] of Object.entries(part.gradients)) addTo(total.gradients[name], values);
  return {
    ...total,
    loss: total.loss + part.loss,
    entropy: total.entropy + part.entropy,
    leafCosine: total.leafCosine + part.leafCosine,
    embeddings: joined(total.embeddings, part.embeddings),
  };
}

function joined(a: Float32Array, b: Float32Array): Float32Array {
  const whole = new Float32Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}

function addTo(total: Float32Array, part: Float32Array): void {
  for (let i = 0; i < total.length; i++) total[i] += part[i];
}

/** What sums are over. */
interface Averaged {
  /** Images. */
  readonly batch: number;
  readonly counts: ViewCounts;
  readonly loops: Loops;
}

/** Sums over images and pairs, or images and views, become means. */
export function average(sums: BatchResult, { batch, counts, loops }: Averaged): BatchResult {
  const { globals, locals } = counts;
  const perPair = 1 / (batch * pairs(counts));
  const perTeacherView = 1 / (batch * globals);
  const perView = 1 / (batch * (globals + locals));
  for (const values of Object.values(sums.gradients)) loops.scale(values, perPair);
  loops.scale(sums.outputs, perTeacherView);
  return {
    ...sums,
    loss: sums.loss * perPair,
    entropy: sums.entropy * perTeacherView,
    leafCosine: sums.leafCosine * perView,
  };
}
