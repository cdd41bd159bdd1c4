/**
 * A control for DenseJoin: the same tree, whose leaves keep their initial weights while join and head are
 * trained. Its accuracy is that of a trained join on random features.
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

/** Gradients are computed only for trained parameters, so the leaves have no backward pass. */
function withFixedLeaves(encoder: Encoder): Encoder {
  const specs = encoder.specs.map((spec) =>
    spec.name.startsWith("leaves.") ? { ...spec, role: "fixed" as const } : spec
  );
  return { ...encoder, specs };
}
