/**
 * Loss and gradients of one batch, in micro-batches.
 *
 * The loss of a method, whose state is fixed during a step, and the leaves' cosines couple only the views of
 * one image. So the gradients of micro-batches add up to those of the batch, exactly, unless a layer
 * normalises over the batch.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Views } from "./augment/make_views.ts";
import { add, average, type BatchResult, type PartialResult, read } from "./batch_result.ts";
import { leafCosines, penalised, type ViewCounts } from "./loss.ts";
import type { Embedded } from "./method.ts";
import { ENCODER, HEAD, type Network } from "./network.ts";
import { LOOPS } from "./optimiser.ts";
import { isTrained, upload, type Weights, within } from "./nn/parameters.ts";
import { shareClones, tidy } from "./nn/tensors.ts";
import type { Ops, Params } from "./nn/types.ts";
import { type Crop, viewTensor } from "./nn/views.ts";

export type { BatchResult } from "./batch_result.ts";

/** The backend, and how much of a batch it computes at once. */
export interface GradientOptions {
  readonly network: Network;
  readonly ops: Ops;
  readonly globals: Crop;
  readonly locals: Crop;
  /** Images. */
  readonly batch: number;
  /** Images in memory at once; the whole batch where a model normalises over it. */
  readonly microBatch: number;
  /** Weight of the leaves' mean cosine similarity in the minimised loss; for trees. @default 0 */
  readonly leafCosine?: number;
  readonly signal?: AbortSignal;
}

/** The part of a run's state that a batch is computed from. */
export interface Learner {
  /** Steps done. */
  readonly step: number;
  readonly student: Weights;
  readonly teacher: Weights;
  /** The method's state. */
  readonly method: Weights;
  /** Shared arrays of the backend that the gradients are written to. @default new arrays */
  readonly gradients?: Weights;
}

/** A learner as tensors. */
interface Uploaded {
  readonly step: number;
  readonly student: Params;
  readonly teacher: Params;
  readonly method: Params;
}

/** Forward and backward passes of one batch. */
export async function batchGradients(
  learner: Learner,
  views: Views,
  options: GradientOptions,
): Promise<BatchResult> {
  shareClones();
  const { batch, ops: { arrays, loops = LOOPS } } = options;
  const uploaded = uploadAll(learner, options.network);
  try {
    let sums: BatchResult | undefined;
    for (let from = 0; from < batch; from += options.microBatch) {
      options.signal?.throwIfAborted();
      const to = Math.min(from + options.microBatch, batch);
      const into = sums === undefined ? learner.gradients : undefined;
      const part = await read(microBatch(uploaded, views, { ...options, from, to }), { into, arrays });
      sums = sums === undefined ? part : add(sums, part);
      await turn();
    }
    return average(sums!, { batch, counts: countsOf(options), loops });
  } finally {
    for (const params of [uploaded.student, uploaded.teacher, uploaded.method]) {
      tf.dispose(Object.values(params));
    }
  }
}

function uploadAll(
  { step, student, teacher, method }: Learner,
  { specs, teacherSpecs }: Network,
): Uploaded {
  return {
    step,
    student: upload(specs, student),
    teacher: upload(teacherSpecs, teacher),
    method: Object.fromEntries(Object.entries(method).map(([name, values]) => [name, tf.tensor1d(values)])),
  };
}

function microBatch(
  { step, student, teacher, method }: Uploaded,
  views: Views,
  options: GradientOptions & { readonly from: number; readonly to: number },
): PartialResult {
  return tidy(() => {
    const { network, ops, globals, locals, from, to, leafCosine: weight = 0 } = options;
    const large = viewTensor(views.globals, { ...globals, from, to });
    const small = locals.count === 0 ? [] : [viewTensor(views.locals, { ...locals, from, to })];
    const counts = countsOf(options);
    const seen = forward(teacher, [large], options);
    const { loss, entropy, follow = {} } = network.objective.targets(seen, {
      step,
      state: method,
      counts,
      ops,
    });
    let buffers: Params = {};
    let measured: Pick<PartialResult, "loss" | "leafCosine"> | undefined;
    const gradients = gradientsOf(network, student, (params) => {
      const said = forward(params, [large, ...small], options);
      buffers = keep(said.buffers);
      const own = loss(said);
      const cosines = said.leaves && leafCosines(said.leaves);
      measured = {
        loss: tf.keep(tf.div(own, network.objective.losses ?? 1)),
        leafCosine: cosines && tf.keep(cosines),
      };
      return penalised(own, cosines, { weight, counts });
    });
    return {
      ...measured!,
      gradients,
      entropy,
      follow,
      embeddings: seen.embeddings,
      buffers: { student: buffers, teacher: seen.buffers },
    };
  });
}

function countsOf({ globals, locals }: Pick<GradientOptions, "globals" | "locals">): ViewCounts {
  return { globals: globals.count, locals: locals.count };
}

/** A network's encoding of its views: rows in their order, buffers after the last. */
interface Forward extends Embedded {
  readonly buffers: Params;
}

/** Training pass over batches of one crop size each. */
function forward(
  params: Params,
  batches: readonly tf.Tensor4D[],
  { network, ops }: GradientOptions,
): Forward {
  const encoder = within(params, ENCODER);
  let buffers: Params = {};
  const encodings = batches.map((images) => {
    const encoding = network.encoder.apply({ ...encoder, ...buffers }, images, { ops, training: true });
    buffers = encoding.buffers ?? {};
    return encoding;
  });
  const leaves = encodings.flatMap((encoding) => encoding.leaves ?? []);
  return {
    params: within(params, HEAD),
    embeddings: joinedRows(encodings.map(({ embedding }) => embedding)),
    leaves: network.encoder.leaves > 1 ? joinedRows(leaves) : undefined,
    buffers,
  };
}

function joinedRows<T extends tf.Tensor>(tensors: readonly T[]): T {
  return tensors.length === 1 ? tensors[0] : tf.concat([...tensors], 0);
}

function gradientsOf({ specs }: Network, params: Params, loss: (params: Params) => tf.Scalar): Params {
  const names = specs.filter(isTrained).map((spec) => spec.name);
  const { grads } = tf.valueAndGrads((...trained: tf.Tensor[]) =>
    loss({ ...params, ...Object.fromEntries(names.map((name, i) => [name, trained[i]])) })
  )(names.map((name) => params[name]));
  return Object.fromEntries(names.map((name, i) => [name, grads[i]]));
}

/** Carries tensors out of the gradient's own scope. */
function keep(params: Params): Params {
  return Object.fromEntries(Object.entries(params).map(([name, tensor]) => [name, tf.keep(tensor)]));
}

/** Yields to messages: an abort, the next batch of views. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
