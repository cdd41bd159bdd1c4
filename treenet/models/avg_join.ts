/**
 * AvgJoin: the mean over the leaves. The second row of the paper's Table 1.
 *
 * @module
 */
import { z } from "zod";
import { averageJoin, withExtraLinear } from "../nn/join.ts";
import { checkStrides, treeEncoder, treeFields } from "../nn/tree.ts";
import type { Model } from "../nn/types.ts";

const config = z.strictObject(treeFields).superRefine(checkStrides);

const model: Model<z.infer<typeof config>> = {
  config,
  build(tree) {
    const join = averageJoin(tree);
    return treeEncoder(tree, {
      leafSize: tree.leafSize,
      join: tree.extraLinear ? withExtraLinear(join) : join,
    });
  },
  channels: ({ channels }) => channels.join("-"),
};

export default model;
