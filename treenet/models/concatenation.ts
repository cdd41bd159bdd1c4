/**
 * Concatenation: the leaves' outputs side by side, without any join. Its embedding has m times a leaf's features.
 *
 * @module
 */
import { z } from "zod";
import { concatenation } from "../nn/join.ts";
import { checkStrides, joinedTree, treeFields } from "../nn/tree.ts";
import type { Model } from "../nn/types.ts";

const config = z.strictObject(treeFields).superRefine(checkStrides);

const model: Model<z.infer<typeof config>> = {
  config,
  build: (tree) => joinedTree(tree, concatenation(tree)),
  channels: ({ channels }) => channels.join("-"),
};

export default model;
