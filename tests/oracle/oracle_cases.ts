/**
 * The networks that public code computes too: trees of both readings, on weights and views that both sides are given.
 *
 * @module
 */
import { type Case, caseOf } from "../reference/drawn_networks.ts";

/** Images of a batch. */
export const IMAGES = 8;

const HEAD = { hidden: 32, bottleneck: 16, prototypes: 64 };
const TREE = { leaves: 3, channels: [4, 6, 8, 10, 12], strides: [2, 1, 1, 1, 1], leafSize: 9 };
// The public code has one width for a leaf's outputs and the embedding, and one for the layers between.
const DENSE = { ...TREE, joinWidths: [14, 14, 9] };

/** Seeds of initial weights from which no activation comes within rounding of a ReLU's kink. */
export const SEEDS: Readonly<Record<string, number>> = {
  "DenseJoin, leaf": 3,
  "DenseJoin, grouped": 3,
  "AvgJoin, leaf": 3,
  "AvgJoin, grouped": 3,
  "one leaf": 3,
};

/** Cases by the names of {@linkcode SEEDS}. */
export function oracleCases(): readonly Case[] {
  const of = (label: string, model: string, architecture: Readonly<Record<string, unknown>>) =>
    caseOf(model, { label, architecture, head: HEAD, golden: true });
  return [
    of("DenseJoin, leaf", "dense-join", DENSE),
    of("DenseJoin, grouped", "dense-join", { ...DENSE, reading: "grouped" }),
    of("AvgJoin, leaf", "avg-join", TREE),
    of("AvgJoin, grouped", "avg-join", { ...TREE, reading: "grouped" }),
    of("one leaf", "cnn", { channels: TREE.channels, strides: TREE.strides, leafSize: TREE.leafSize }),
  ];
}

/** The paper's models, to be counted: label → name and part of a profile. */
export const COUNTED = {
  "DenseJoin, leaf": { model: "dense-join", architecture: {} },
  "DenseJoin, grouped": { model: "dense-join", architecture: { reading: "grouped" } },
  "AvgJoin, leaf": { model: "avg-join", architecture: {} },
  "AvgJoin, grouped": { model: "avg-join", architecture: { reading: "grouped" } },
  "CNN": { model: "cnn", architecture: {} },
  "resnet50, as released": { model: "resnet50", architecture: { maxPool: false, mlp: [256, 128] } },
} as const;
