/**
 * A control for decomposition: the leaves of a DenseJoin, each trained independently of the others with heads and a loss of
 * its own, and a join that is trained on top of them with another, whose gradient does not reach the leaves.
 *
 * One training makes all that can be made of such leaves: `leaves` is their concatenation, `leaf mean` their average, the
 * embedding is joined.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Join } from "../nn/join.ts";
import { denseJoin } from "../nn/join.ts";
import { joinedTree } from "../nn/tree.ts";
import type { Model } from "../nn/types.ts";
import denseJoinModel, { type DenseJoin } from "./dense_join.ts";

const model: Model<DenseJoin> = {
  ...denseJoinModel,
  build(tree) {
    const encoder = joinedTree(tree, detached(denseJoin(tree, tree)));
    return tree.leaves === 1 ? encoder : { ...encoder, independent: { leafSize: tree.leafSize } };
  },
  control: true,
};

export default model;

/** While it is trained, the join passes no gradient on to the leaves. */
function detached(join: Join): Join {
  return {
    ...join,
    apply: (leaves, params, pass) => join.apply(pass.training ? stopped(leaves) : leaves, params, pass),
  };
}

/** Same values, gradient 0. */
function stopped(x: tf.Tensor3D): tf.Tensor3D {
  const stop = tf.customGrad((input) => ({
    value: tf.clone(input as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy),
  }));
  return stop(x) as tf.Tensor3D;
}
