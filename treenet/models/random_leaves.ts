/**
 * A control for DenseJoin: the same tree, whose leaves keep their initial weights while join and head are trained. What it
 * gets is what a trained join makes of random features.
 *
 * @module
 */
import type { Encoder, Model } from "../nn/types.ts";
import denseJoin, { type DenseJoin } from "./dense_join.ts";

const model: Model<DenseJoin> = {
  ...denseJoin,
  build: (config) => withFixedLeaves(denseJoin.build(config)),
  control: true,
};

export default model;

/** Gradients are computed for trained parameters alone: of the leaves there is no backward pass. */
function withFixedLeaves(encoder: Encoder): Encoder {
  const specs = encoder.specs.map((spec) =>
    spec.name.startsWith("leaves.") ? { ...spec, role: "fixed" as const } : spec
  );
  return { ...encoder, specs };
}
