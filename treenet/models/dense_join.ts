/**
 * DenseJoin: leaves joined by three dense layers. The paper's best row of Table 1.
 *
 * @module
 */
import { z } from "zod";
import { denseJoin } from "../nn/join.ts";
import { checkStrides, denseJoinFields, joinedTree, treeFields } from "../nn/tree.ts";
import type { Model } from "../nn/types.ts";

const config = z.strictObject({ ...treeFields, ...denseJoinFields }).superRefine(checkStrides);

export type DenseJoin = z.infer<typeof config>;

const model: Model<DenseJoin> = {
  config,
  build: (tree) => joinedTree(tree, denseJoin(tree, tree)),
  channels: ({ channels }) => channels.join("-"),
};

export default model;
