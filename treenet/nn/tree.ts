/**
 * A TreeNet encoder (the paper's Figure 1): m disconnected leaves and a join.
 *
 * @module
 */
import { z } from "zod";
import * as tf from "@tensorflow/tfjs-core";
import { type Join, withExtraLinear } from "./join.ts";
import { leafMultiplyAdds, leafOutputs, leafSpecs, type Reading } from "./leaves.ts";
import { pathwayParams } from "./pathways.ts";
import { tidy } from "./tensors.ts";
import type { Encoder, Encoding, Params, Pass, PathwaySpec } from "./types.ts";
import { words } from "../words.ts";

const size = z.int().min(1).max(65536);

/** The fields of a pathway stack in a profile, by the paper's defaults for `channels`. */
export function pathwayFields(channels: readonly number[]) {
  return {
    channels: z.array(size).min(1).max(16).default([...channels])
      .describe(words`Output channels of each convolution, of one leaf`),
    kernel: z.int().min(1).max(7).default(2).describe(words`Side of the convolutions' kernels, pixels`),
    strides: z.array(z.int().min(1).max(4)).default(channels.map(() => 1))
      .describe(words`Stride of each convolution; a 2 in the first divides the cost by 4.8`),
    leafSize: size.default(128).describe(words`Features that a leaf puts out`),
  };
}

/** The fields every tree has. */
export const treeFields = {
  leaves: z.int().min(1).max(1024).default(32).describe(words`m, the number of disconnected pathways`),
  ...pathwayFields([8, 16, 32, 48, 64]),
  reading: z.enum(["leaf", "grouped"]).default("leaf").describe(
    words`Initial weights and clipping: of each leaf by itself, or of a layer of all leaves as one tensor`,
  ),
  extraLinear: z.boolean().optional().describe(
    words`The released code's additional Linear after the join; by default in the reading "grouped" alone`,
  ),
};

/** Fields of the join of dense layers. */
export const denseJoinFields = {
  joinWidths: z.array(size).min(1).max(8).default([256, 256, 128])
    .describe(words`Widths of the join's dense layers; the last is the embedding's size`),
  finalRelu: z.boolean().default(true)
    .describe(words`The last dense layer ends with a ReLU, as the released code's does`),
};

/** Refuses a configuration whose `strides` and `channels` do not pair up. */
export function checkStrides(
  config: { readonly channels: readonly number[]; readonly strides: readonly number[] },
  context: z.RefinementCtx,
): void {
  if (config.strides.length === config.channels.length) return;
  context.addIssue({
    code: "custom",
    path: ["strides"],
    message:
      `has ${config.strides.length} entries, expected one for each of ${config.channels.length} channels`,
  });
}

/** A pathway stack with the leaves' outputs. */
export interface Leaves extends PathwaySpec {
  readonly leafSize: number;
  /** @default "leaf" */
  readonly reading?: Reading;
}

/** Builds the encoder of a tree with a join, and with the additional Linear where its configuration has that. */
export function joinedTree(
  tree: Leaves & { readonly extraLinear?: boolean },
  join: Join,
): Encoder {
  const extra = tree.extraLinear ?? tree.reading === "grouped";
  return treeEncoder(tree, extra ? withExtraLinear(join) : join);
}

/** Builds the encoder. Without a join it is a single pathway, whose output is the embedding. */
export function treeEncoder(spec: Leaves, join?: Join): Encoder {
  const { leafSize, reading = "leaf" } = spec;
  const finish = (params: Params, pooled: tf.Tensor3D, pass: Pass): Encoding => {
    const leaves = leafOutputs(pooled, params, pass);
    return join === undefined
      ? { embedding: tf.reshape(leaves, [-1, leafSize]) }
      : { leaves, embedding: join.apply(leaves, params, pass) };
  };
  return {
    specs: [...leafSpecs(spec, { size: leafSize, reading }), ...join?.specs ?? []],
    leaves: spec.leaves,
    size: join?.size ?? leafSize,
    multiplyAdds: (pixels) => leafMultiplyAdds(spec, { pixels, size: leafSize }) + (join?.multiplyAdds ?? 0),
    apply: (params, images, pass) =>
      tidy(() => finish(params, pass.ops.pathways(images, pathwayParams(params, spec), spec), pass)),
    pathways: {
      spec,
      params: (params) => pathwayParams(params, spec),
      finish: (params, pooled, pass) => tidy(() => finish(params, pooled, pass)),
      join: join && ((params, leaves, pass) => join.apply(leaves, params, pass)),
    },
  };
}
