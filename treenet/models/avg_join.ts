/**
 * AvgJoin: the mean over the leaves. The second row of the paper's Table 1.
 *
 * @module
 */
import { z } from "zod";
import { averageJoin } from "../nn/join.ts";
import { checkStrides, joinedTree, treeFields } from "../nn/tree.ts";
import type { Model } from "../nn/types.ts";

const config = z.strictObject(treeFields).superRefine(checkStrides);

const model: Model<z.infer<typeof config>> = {
  config,
  build: (tree) => joinedTree(tree, averageJoin(tree)),
  channels: ({ channels }) => channels.join("-"),
};

export default model;
