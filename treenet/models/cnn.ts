/**
 * The CNN baseline of the paper's Table 1: one leaf, wider, without a join.
 *
 * @module
 */
import { z } from "zod";
import { checkStrides, pathwayFields, treeEncoder } from "../nn/tree.ts";
import type { Model } from "../nn/types.ts";

const config = z.strictObject(pathwayFields([32, 128, 256, 512, 1028])).superRefine(checkStrides);

const model: Model<z.infer<typeof config>> = {
  config,
  build: (cnn) => treeEncoder({ ...cnn, leaves: 1 }),
  channels: ({ channels }) => channels.join("-"),
};

export default model;
