/**
 * Loss and gradients of one batch, in micro-batches.
 *
 * The loss couples the views of one image and, through the centre, nothing else; so the gradients of micro-batches add
 * up to those of the batch, exactly, unless a layer normalises over the batch.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Views } from "./augment/views.ts";
import { shareClones } from "./clones.ts";
import { crossEntropy, pairs, type Student, targets, type Temperatures } from "./loss.ts";
import { ENCODER, HEAD, type Network } from "./network.ts";
import { isTrained, upload, type Weights, within } from "./parameters.ts";
import { tidy } from "./tidy.ts";
import type { Ops, Params } from "./types.ts";
import { type Crop, viewTensor } from "./views.ts";

/** What computes, and how much of a batch at once. */
export interface GradientOptions {
  readonly network: Network;
  readonly ops: Ops;
  readonly globals: Crop;
  readonly locals: Crop;
  /** Images. */
  readonly batch: number;
  /** Images in memory at once; the whole batch where a model normalises over it. */
  readonly microBatch: number;
  readonly temperatures: Temperatures;
  readonly signal?: AbortSignal;
}

/** Student, teacher and centre [K] before the step. */
export interface Networks {
  readonly student: Weights;
  readonly teacher: Weights;
  readonly centre: Float32Array;
}

/** Of a whole batch; arrays belong to the caller. */
export interface BatchResult {
  /** Nats, averaged over images and pairs of views. */
  readonly loss: number;
  /** Of the teacher's distributions, nats, averaged. */
  readonly entropy: number;
  /** Mean of the teacher's raw outputs [K]. */
  readonly outputs: Float32Array;
  /** The teacher's embeddings, rows of D. */
  readonly embeddings: Float32Array;
  /** By trained parameter. */
  readonly gradients: Weights;
  /** Running statistics after the batch, of student and teacher; empty where a model has none. */
  readonly buffers: { readonly student: Weights; readonly teacher: Weights };
}

interface Lent {
  readonly student: Params;
  readonly teacher: Params;
  readonly centre: tf.Tensor1D;
}

/** One micro-batch, as tensors. */
interface Part {
  readonly loss: tf.Tensor;
  readonly entropy: tf.Tensor;
  /** Sum of the teacher's raw outputs [1, K]. */
  readonly outputs: tf.Tensor;
  readonly embeddings: tf.Tensor;
  readonly gradients: Params;
  readonly buffers: { readonly student: Params; readonly teacher: Params };
}

/** Forward and backward passes of one batch. */
export async function batchGradients(
  networks: Networks,
  views: Views,
  options: GradientOptions,
): Promise<BatchResult> {
  shareClones();
  const lent = lend(networks, options.network);
  try {
    let sums: BatchResult | undefined;
    for (let from = 0; from < options.batch; from += options.microBatch) {
      options.signal?.throwIfAborted();
      const to = Math.min(from + options.microBatch, options.batch);
      const part = await read(microBatch(lent, views, { ...options, from, to }));
      sums = sums === undefined ? part : add(sums, part);
      await turn();
    }
    return average(sums!, options);
  } finally {
    tf.dispose([...Object.values(lent.student), ...Object.values(lent.teacher), lent.centre]);
  }
}

function lend({ student, teacher, centre }: Networks, { specs }: Network): Lent {
  return { student: upload(specs, student), teacher: upload(specs, teacher), centre: tf.tensor1d(centre) };
}

function microBatch(
  lent: Lent,
  views: Views,
  options: GradientOptions & { readonly from: number; readonly to: number },
): Part {
  return tidy(() => {
    const { network, globals, locals, temperatures, from, to } = options;
    const large = viewTensor(views.globals, { ...globals, from, to });
    const small = locals.count === 0 ? [] : [viewTensor(views.locals, { ...locals, from, to })];
    const teacher = forward(lent.teacher, [large], options);
    const outputs = options.ops.matMul(teacher.rows, teacher.prototypes);
    const { views: goals, entropy } = targets(outputs, lent.centre, {
      globals: globals.count,
      locals: locals.count,
      temperature: temperatures.teacher,
    });
    let buffers: Params = {};
    const student = gradientsOf(network, lent.student, (params) => {
      const pass = forward(params, [large, ...small], options);
      buffers = keep(pass.buffers);
      return crossEntropy(pass, { views: goals }, { temperature: temperatures.student, ops: options.ops });
    });
    return {
      ...student,
      entropy,
      outputs: tf.matMul(tf.ones([1, outputs.shape[0]]), outputs),
      embeddings: teacher.embeddings,
      buffers: { student: buffers, teacher: teacher.buffers },
    };
  });
}

/** Training pass over batches of one crop size each: rows in their order, buffers after the last. */
function forward(
  params: Params,
  batches: readonly tf.Tensor4D[],
  { network, ops }: GradientOptions,
): Student & { readonly embeddings: tf.Tensor2D; readonly buffers: Params } {
  const encoder = within(params, ENCODER);
  let buffers: Params = {};
  const embeddings = batches.map((images) => {
    const encoding = network.encoder.apply({ ...encoder, ...buffers }, images, { ops, training: true });
    buffers = encoding.buffers ?? {};
    return encoding.embedding;
  });
  const all = embeddings.length === 1 ? embeddings[0] : tf.concat(embeddings, 0);
  const head = within(params, HEAD);
  return {
    rows: network.head.rows(head, all, ops),
    prototypes: network.head.prototypes(head),
    embeddings: all,
    buffers,
  };
}

function gradientsOf(
  { specs }: Network,
  params: Params,
  loss: (params: Params) => tf.Scalar,
): { readonly loss: tf.Tensor; readonly gradients: Params } {
  const names = specs.filter(isTrained).map((spec) => spec.name);
  const { value, grads } = tf.valueAndGrads((...trained: tf.Tensor[]) =>
    loss({ ...params, ...Object.fromEntries(names.map((name, i) => [name, trained[i]])) })
  )(names.map((name) => params[name]));
  return { loss: value, gradients: Object.fromEntries(names.map((name, i) => [name, grads[i]])) };
}

/** Carries tensors out of the gradient's own scope. */
function keep(params: Params): Params {
  return Object.fromEntries(Object.entries(params).map(([name, tensor]) => [name, tf.keep(tensor)]));
}

/** Copies a part to the host and frees its tensors. */
async function read(part: Part): Promise<BatchResult> {
  const { buffers } = part;
  const result = {
    loss: (await part.loss.data())[0],
    entropy: (await part.entropy.data())[0],
    outputs: await copy(part.outputs),
    embeddings: await copy(part.embeddings),
    gradients: await copyAll(part.gradients),
    buffers: { student: await copyAll(buffers.student), teacher: await copyAll(buffers.teacher) },
  };
  tf.dispose([part.loss, part.entropy, part.outputs, part.embeddings]);
  for (const params of [part.gradients, buffers.student, buffers.teacher]) tf.dispose(Object.values(params));
  return result;
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
function add(total: BatchResult, part: BatchResult): BatchResult {
  addTo(total.outputs, part.outputs);
  for (const [name, values] of Object.entries(part.gradients)) addTo(total.gradients[name], values);
  return {
    ...total,
    loss: total.loss + part.loss,
    entropy: total.entropy + part.entropy,
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

/** Sums over images and pairs, or images and teacher views, become means. */
function average(sums: BatchResult, { batch, globals, locals }: GradientOptions): BatchResult {
  const perPair = 1 / (batch * pairs({ globals: globals.count, locals: locals.count }));
  const perView = 1 / (batch * globals.count);
  for (const values of Object.values(sums.gradients)) scale(values, perPair);
  scale(sums.outputs, perView);
  return { ...sums, loss: sums.loss * perPair, entropy: sums.entropy * perView };
}

function scale(values: Float32Array, factor: number): void {
  for (let i = 0; i < values.length; i++) values[i] *= factor;
}

/** Lets messages in: an abort, the next batch of views. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
