/**
 * DenseJoin: leaves joined by three dense layers. The paper's best row of Table 1.
 *
 * @module
 */
import { z } from "zod";
import { denseJoin, withExtraLinear } from "../nn/join.ts";
import { checkStrides, treeEncoder, treeFields } from "../nn/tree.ts";
import type { Model } from "../nn/types.ts";
import { words } from "../words.ts";

const config = z.strictObject({
  ...treeFields,
  joinWidths: z.array(z.int().min(1).max(65536)).min(1).max(8).default([256, 256, 128])
    .describe(words`Widths of the join's dense layers; the last is the embedding's size`),
}).superRefine(checkStrides);

export type DenseJoin = z.infer<typeof config>;

const model: Model<DenseJoin> = {
  config,
  build(tree) {
    const join = denseJoin(tree, tree.joinWidths);
    return treeEncoder(tree, {
      leafSize: tree.leafSize,
      join: tree.extraLinear ? withExtraLinear(join) : join,
    });
  },
  channels: ({ channels }) => channels.join("-"),
};

export default model;
