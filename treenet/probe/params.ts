/**
 * The fields of a profile that say how linear evaluation is done, with the values of docs/recipe.md as defaults.
 *
 * @module
 */
import { z } from "zod";

const l2 = z.strictObject({
  min: z.number().positive().max(1e6).default(1e-5).describe("Weakest penalty tried"),
  max: z.number().positive().max(1e6).default(10).describe("Strongest penalty tried"),
  count: z.int().min(1).max(100).default(15).describe("Penalties tried, evenly spaced in their logarithm"),
}).refine(({ min, max }) => min <= max, { path: ["max"], message: "is below min, expected at least min" });

/** Fields of a profile that decide how linear evaluation is done. */
export const linearFields = {
  l2: l2.prefault({}).describe("Range of the L2 penalty; the objective is mean loss + l2/2 · ‖weights‖²"),
  folds: z.int().min(2).max(50).default(5)
    .describe("Parts of the training images that the penalty is chosen on, each held out once"),
  foldSeed: z.int().min(0).default(0).describe("Of these parts; the same for every model and seed"),
  tolerance: z.number().positive().max(1e-2).default(1e-6)
    .describe("Every fit, of every penalty and fold, stops at this gradient norm"),
};

const linearParams = z.strictObject(linearFields);

/** Parsed {@linkcode linearFields}. */
export type LinearParams = z.infer<typeof linearParams>;

/** Fields of a profile for the released code's probe. */
export const releasedParams = z.strictObject({
  learningRate: z.number().positive().max(10).default(1e-2).describe("Of Adam"),
  batch: z.int().min(1).max(65_536).default(256).describe("Images a step, in the order of the data set"),
  patience: z.int().min(1).max(10_000).default(5)
    .describe("It stops after so many epochs in a row without a gain"),
  gain: z.number().min(0).max(1).default(1e-5)
    .describe("Least fall of the sum of the batches' mean losses ÷ number of images that counts as a gain"),
  seeds: z.array(z.int().min(0).max(2 ** 32 - 1)).min(1).max(100).default([0, 1, 2, 3, 4])
    .describe("Of the layer's initial weights; the result is the mean over them"),
});

export type ReleasedParams = z.infer<typeof releasedParams>;
