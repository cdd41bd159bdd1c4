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
/** Small enough to clip the gradients. */
export const CLIP = 0.05;
const IMAGES = 4;

export interface Batch {
  readonly student: Weights;
  readonly teacher: Weights;
  readonly views: Views;
  /** The centre c before and after. */
  readonly centre: Float32Array;
  readonly nextCentre: Float32Array;
  readonly result: Awaited<ReturnType<typeof batchGradients>>;
  /** (t, v) in order, v ≠ t. */
  readonly terms: readonly number[];
  readonly clipped: Weights;
}

/** A batch of a student and a teacher with different weights. */
export async function batchOf({ network, projection }: Case, ops: Ops): Promise<Batch> {
  const [student, teacher] = [3, 4].map((seed) => drawnWeights(network.specs, seed));
  const views = drawnViews(IMAGES, 5);
  const stream = random(6);
  const centre = Float32Array.from({ length: projection.size }, () => 0.05 * stream.normal());
  const options: GradientOptions = {
    network,
    ops,
    ...CROPS,
    batch: IMAGES,
    microBatch: IMAGES,
  };
  const result = await batchGradients({ step: 0, student, teacher, method: { centre } }, views, options);
  const nextCentre = centre.slice();
  network.objective.update({ centre: nextCentre }, result.means);
  const terms = termsOf({ student, teacher, centre, views }, { ...options, projection });
  const trained = network.specs.filter(isTrained);
  const clipped = Object.fromEntries(trained.map(({ name, groups }) => {
    const gradient = result.gradients[name].slice();
    clip(gradient, { limit: CLIP, groups });
    return [name, gradient];
  }));
  return { student, teacher, views, centre, nextCentre, result, terms, clipped };
}

/** Each pair by itself: the student's one view against the teacher's one view. */
function termsOf(
  { student, teacher, centre, views }: Pick<Batch, "student" | "teacher" | "centre" | "views">,
  { network, projection, ops, globals, locals, batch }: GradientOptions & Pick<Case, "projection">,
): readonly number[] {
  return tf.tidy(() => {
    const sides = [globals, locals].map((crop, i) =>
      viewTensor([views.globals, views.locals][i], { ...crop, from: 0, to: batch })
    );
    const side = (weights: Weights, crops: readonly tf.Tensor4D[]) => {
      const params = upload(network.specs, weights);
      const embeddings = crops.map((x) =>
        network.encoder.apply(within(params, ENCODER), x, { ops, training: true }).embedding
      );
      const head = within(params, HEAD);
      const rows = projection.rows(head, tf.concat(embeddings, 0), ops);
      return { rows, prototypes: projection.prototypes(head) };
    };
    const [seen, said] = [side(teacher, sides.slice(0, 1)), side(student, sides)];
    const view = (rows: tf.Tensor2D, v: number) => tf.slice(rows, [v * batch, 0], [batch, -1]);
    const outputs = ops.matMul(seen.rows, seen.prototypes);
    const pairs = Array.from({ length: globals.count }, (_, t) => t).flatMap((t) =>
      Array.from({ length: globals.count + locals.count }, (_, v) => ({ t, v })).filter(({ v }) => v !== t)
    );
    return pairs.map(({ t, v }) => {
      const twice = tf.concat([view(outputs, t), view(outputs, t)], 0);
      const { views: [goal] } = targets(twice, tf.tensor1d(centre), {
        globals: 2,
        locals: 0,
        temperature: TEMPERATURES.teacher,
      });
      const rows = view(said.rows, v);
      const one = { rows, prototypes: said.prototypes };
      return crossEntropy(one, [goal], { temperature: TEMPERATURES.student, ops }).dataSync()[0] /
        batch;
    });
  });
}
