/**
 * Our values of one batch of 2 + 8 views an image: the loss, its terms, the next centre and all gradients.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { batchGradients, type GradientOptions } from "../../treenet/gradients.ts";
import { crossEntropy, targets } from "../../treenet/methods/dino.ts";
import { ENCODER, HEAD } from "../../treenet/network.ts";
import { clip } from "../../treenet/optimiser.ts";
import { isTrained, upload, type Weights, within } from "../../treenet/nn/parameters.ts";
import { random } from "../../treenet/random.ts";
import { viewTensor } from "../../treenet/nn/views.ts";
import type { Ops } from "../../treenet/nn/types.ts";
import type { Views } from "../../treenet/augment/mod.ts";
import { type Case, CROPS, drawnViews, drawnWeights } from "./drawn_networks.ts";

/** Temperatures of the recipe, which are the method's defaults. */
export const TEMPERATURES = { student: 0.1, teacher: 0.04 };
export const CENTRE_MOMENTUM = 0.9;
/** Small enough to clip the gradients of leaves, each by itself as all together, and not all of the join's. */
export const CLIP = 1e-3;
const IMAGES = 4;

export interface Batch {
  readonly student: Weights;
  readonly teacher: Weights;
  readonly views: Views;
  /** The centres c of all heads before and after. */
  readonly centre: Float32Array;
  readonly nextCentre: Float32Array;
  readonly result: Awaited<ReturnType<typeof batchGradients>>;
  /** (t, v) in order, v ≠ t; of each head in turn. */
  readonly terms: readonly number[];
  readonly clipped: Weights;
}

/** A batch of a student and a teacher with different weights. */
export async function batchOf({ network, parts }: Case, ops: Ops): Promise<Batch> {
  const [student, teacher] = [3, 4].map((seed) => drawnWeights(network.specs, seed));
  const views = drawnViews(IMAGES, 5);
  const stream = random(6);
  const method = network.objective.init();
  for (const { prefix } of parts) {
    method[`${prefix}centre`].forEach((_, k, all) => all[k] = 0.05 * stream.normal());
  }
  const options: GradientOptions = {
    network,
    ops,
    ...CROPS,
    batch: IMAGES,
    microBatch: IMAGES,
  };
  const result = await batchGradients({ step: 0, student, teacher, method }, views, options);
  const terms = termsOf({ student, teacher, method, views }, { ...options, parts });
  const centre = centresOf(parts, method);
  network.objective.update(method, result.means);
  const nextCentre = centresOf(parts, method);
  const trained = network.specs.filter(isTrained);
  const clipped = Object.fromEntries(trained.map(({ name, groups }) => {
    const gradient = result.gradients[name].slice();
    clip(gradient, { limit: CLIP, groups });
    return [name, gradient];
  }));
  return { student, teacher, views, centre, nextCentre, result, terms, clipped };
}

/** The centres in a method's state, one head's after the other's. */
export function centresOf(parts: Case["parts"], state: Weights): Float32Array {
  return Float32Array.from(parts.flatMap(({ prefix }) => [...state[`${prefix}centre`]]));
}

/** Each pair by itself: the student's one view against the teacher's one view. */
function termsOf(
  { student, teacher, method, views }: Pick<Batch, "student" | "teacher" | "views"> & {
    readonly method: Weights;
  },
  { network, parts, ops, globals, locals, batch }: GradientOptions & Pick<Case, "parts">,
): readonly number[] {
  return tf.tidy(() => {
    const sides = [globals, locals].map((crop, i) =>
      viewTensor([views.globals, views.locals][i], { ...crop, from: 0, to: batch })
    );
    const side = (weights: Weights, crops: readonly tf.Tensor4D[]) => {
      const params = upload(network.specs, weights);
      const encodings = crops.map((x) =>
        network.encoder.apply(within(params, ENCODER), x, { ops, training: true })
      );
      return parts.map(({ prefix, head, features }) => {
        const own = within(params, HEAD + prefix);
        return {
          rows: head.rows(own, tf.concat(encodings.map(features), 0), ops),
          prototypes: head.prototypes(own),
        };
      });
    };
    const [seen, said] = [side(teacher, sides.slice(0, 1)), side(student, sides)];
    const view = (rows: tf.Tensor2D, v: number) => tf.slice(rows, [v * batch, 0], [batch, -1]);
    const outputs = seen.map(({ rows, prototypes }) => ops.matMul(rows, prototypes));
    const pairs = Array.from({ length: globals.count }, (_, t) => t).flatMap((t) =>
      Array.from({ length: globals.count + locals.count }, (_, v) => ({ t, v })).filter(({ v }) => v !== t)
    );
    return pairs.flatMap(({ t, v }) =>
      parts.map(({ prefix }, i) => {
        const twice = tf.concat([view(outputs[i], t), view(outputs[i], t)], 0);
        const { views: [goal] } = targets(twice, tf.tensor1d(method[`${prefix}centre`]), {
          globals: 2,
          locals: 0,
          temperature: TEMPERATURES.teacher,
        });
        const one = { rows: view(said[i].rows, v), prototypes: said[i].prototypes };
        return crossEntropy(one, [goal], { temperature: TEMPERATURES.student, ops }).dataSync()[0] / batch;
      })
    );
  });
}
