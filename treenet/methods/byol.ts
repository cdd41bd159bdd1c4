/**
 * BYOL (Grill et al., 2020): from its own projection of one view the student predicts the teacher's projection of another.
 *
 *     z = project(teacher's embedding of view t)              projector: D → hidden → size
 *     q = predict(project(student's embedding of view v))     predictor: size → hidden → size, of the student alone
 *     loss = mean over images and pairs (t, v), v ≠ t, of ‖q/‖q‖ − z/‖z‖‖² = 2 − 2 cos(q, z)
 *
 * With two views these are the paper's two symmetrised terms, averaged instead of summed; with local views the pairs are
 * those of DINO's multi-crop. There is no centre and no temperature: predictor and moving average keep it from collapsing.
 *
 * Between the two linear layers of projector and predictor stand LayerNorm and ReLU. The paper has BatchNorm there, which
 * couples the images of a batch; BYOL does without it (Richemond et al., 2020).
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { layerNorm, layerNormSpecs } from "../nn/layer_norm.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { pairs, type ViewCounts } from "../loss.ts";
import type { Method } from "../method.ts";
import type { Ops, ParameterSpec, Params } from "../nn/types.ts";
import { words } from "../words.ts";

const width = z.int().min(1).max(65_536);

const config = z.object({
  head: z.strictObject({
    hidden: width.default(2048).describe(words`Width of the hidden layers of projector and predictor`),
    bottleneck: width.default(256).describe(words`Features of a projection`),
    prototypes: z.unknown().optional()
      .describe(words`Not used: a profile may change its method and nothing else`),
  }).prefault({}).describe(words`Widths of the heads, which stand on the encoder while it is trained`),
});

const method: Method<z.infer<typeof config>> = {
  config,
  build(size, { head: { hidden, bottleneck } }) {
    return {
      specs: mlpSpecs("projector", [size, hidden, bottleneck]),
      studentSpecs: mlpSpecs("predictor", [bottleneck, hidden, bottleneck]),
      init: () => ({}),
      layers: ({ params, embeddings }, ops) => ({
        outputs: mlp(embeddings, "projector", { params, ops }),
      }),
      targets({ params, embeddings }, { counts, ops }) {
        const goals = targets(unit(mlp(embeddings, "projector", { params, ops })), counts);
        return {
          loss: ({ params, embeddings }) => {
            const projections = mlp(embeddings, "projector", { params, ops });
            return distance(unit(mlp(projections, "predictor", { params, ops })), goals);
          },
        };
      },
      update: () => {},
    };
  },
};

export default method;

function mlpSpecs(name: string, [inputs, hidden, outputs]: readonly number[]): readonly ParameterSpec[] {
  return [
    ...linearSpecs(`${name}1`, { inputs, outputs: hidden }),
    ...layerNormSpecs(`${name}_norm`, [hidden]),
    ...linearSpecs(`${name}2`, { inputs: hidden, outputs }),
  ];
}

function mlp(
  x: tf.Tensor2D,
  name: string,
  { params, ops }: { readonly params: Params; readonly ops: Ops },
): tf.Tensor2D {
  const hidden = linear(x, `${name}1`, { params, ops });
  const active = tf.relu(layerNorm(hidden, `${name}_norm`, params));
  return linear(active, `${name}2`, { params, ops });
}

/** Rows x / max(‖x‖, 1e-12), but smooth at zero. */
function unit(x: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(x, tf.rsqrt(tf.add(tf.sum(tf.square(x), 1, true), 1e-24)));
}

/** The student's goals, for all its views. */
interface Goals {
  /** [V·n, size]: Σ z/‖z‖ over the teacher's views other than the row's own. */
  readonly sums: tf.Tensor2D;
  /** Pairs of a teacher's and a student's row that are compared. */
  readonly count: number;
}

/** Goals from the teacher's unit rows [G·n, size]. */
function targets(rows: tf.Tensor2D, counts: ViewCounts): Goals {
  const { globals, locals } = counts;
  const seen = tf.split(rows, globals) as tf.Tensor2D[];
  const others = seen.map((_, view) => tf.addN(seen.filter((_, other) => other !== view)));
  const all = tf.addN(seen);
  return {
    sums: tf.concat([...others, ...Array.from({ length: locals }, () => all)], 0),
    count: seen[0].shape[0] * pairs(counts),
  };
}

/** Σ over images and pairs of 2 − 2 cos, from the student's unit rows [V·n, size]. */
function distance(rows: tf.Tensor2D, { sums, count }: Goals): tf.Scalar {
  return tf.sub(2 * count, tf.mul(tf.sum(tf.mul(rows, sums)), 2));
}
