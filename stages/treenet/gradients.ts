/**
 * Loss and gradients of one batch, in micro-batches.
 *
 * A method's loss couples the views of one image and, through the centre, nothing else; so do the leaves' cosines. So the
 * gradients of micro-batches add up to those of the batch, exactly, unless a layer normalises over the batch.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Views } from "./augment/views.ts";
import { add, average, type BatchResult, type Part, read, type Sums } from "./batch_result.ts";
import { shareClones } from "./clones.ts";
import { leafCosines } from "./leaf_cosine.ts";
import { LOOPS } from "./loops.ts";
import type { Temperatures } from "./loss.ts";
import { type Embedded, pairs, type ViewCounts } from "./method.ts";
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
  /** Weight of the leaves' mean cosine similarity in what is minimised; for trees. @default 0 */
  readonly leafCosine?: number;
  readonly signal?: AbortSignal;
}

/** Student, teacher and centre before the step. */
export interface Networks {
  readonly student: Weights;
  readonly teacher: Weights;
  readonly centre: Float32Array;
  /** Where the backend's shared arrays have room for the batch's gradients. @default new arrays */
  readonly gradients?: Weights;
}

interface Lent {
  readonly student: Params;
  readonly teacher: Params;
  readonly centre: tf.Tensor1D;
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
      const room = sums === undefined ? { gradients: networks.gradients, arrays: options.ops.arrays } : {};
      const part = await read(microBatch(lent, views, { ...options, from, to }), room);
      sums = sums === undefined ? part : add(sums, part);
      await turn();
    }
    return average(sums!, {
      batch: options.batch,
      counts: countsOf(options),
      loops: options.ops.loops ?? LOOPS,
    });
  } finally {
    tf.dispose([...Object.values(lent.student), ...Object.values(lent.teacher), lent.centre]);
  }
}

function lend({ student, teacher, centre }: Networks, { specs, teacherSpecs }: Network): Lent {
  return {
    student: upload(specs, student),
    teacher: upload(teacherSpecs, teacher),
    centre: tf.tensor1d(centre),
  };
}

function microBatch(
  lent: Lent,
  views: Views,
  options: GradientOptions & { readonly from: number; readonly to: number },
): Part {
  return tidy(() => {
    const { network, globals, locals, from, to } = options;
    const large = viewTensor(views.globals, { ...globals, from, to });
    const small = locals.count === 0 ? [] : [viewTensor(views.locals, { ...locals, from, to })];
    const teacher = forward(lent.teacher, [large], options);
    const counts = countsOf(options);
    const { loss, entropy, outputs } = network.objective.teach(teacher, {
      ...options,
      counts,
      centre: lent.centre,
    });
    let buffers: Params = {};
    let sums: Sums | undefined;
    const gradients = gradientsOf(network, lent.student, (params) => {
      const pass = forward(params, [large, ...small], options);
      buffers = keep(pass.buffers);
      const own = loss(pass);
      const leafCosine = pass.leaves && leafCosines(pass.leaves);
      sums = { loss: tf.keep(own), leafCosine: leafCosine && tf.keep(leafCosine) };
      return penalised({ loss: own, leafCosine }, { ...options, counts });
    });
    return {
      ...sums!,
      gradients,
      entropy,
      outputs,
      embeddings: teacher.embeddings,
      buffers: { student: buffers, teacher: teacher.buffers },
    };
  });
}

function countsOf({ globals, locals }: Pick<GradientOptions, "globals" | "locals">): ViewCounts {
  return { globals: globals.count, locals: locals.count };
}

/** Both terms as sums over images and pairs: the cosines are a mean over all views, of whatever number. */
function penalised(
  { loss, leafCosine }: Sums,
  { leafCosine: weight = 0, counts }: Pick<GradientOptions, "leafCosine"> & { readonly counts: ViewCounts },
): tf.Scalar {
  if (weight === 0 || leafCosine === undefined) return loss;
  return tf.add(loss, tf.mul(leafCosine, weight * pairs(counts) / (counts.globals + counts.locals)));
}

/** What a network made of its views: rows in their order, buffers after the last. */
interface Forward extends Embedded {
  /** [V·n, m, D'], where there is more than one leaf. */
  readonly leaves?: tf.Tensor3D;
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

/** Lets messages in: an abort, the next batch of views. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
