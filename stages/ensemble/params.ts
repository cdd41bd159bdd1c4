/**
 * Parameters and results of the comparison of a tree's leaves with each other.
 *
 * @module
 */
import { z } from "zod";
import type { OfSize } from "../../treenet/ensemble/ensembles.ts";

export const params = z.strictObject({
  model: z.string().describe("Its name in the profile"),
  type: z.string().optional().describe("A file of treenet/models/, with dashes; by default the model's name"),
  seed: z.int().min(0).max(2 ** 32 - 1),
  architecture: z.record(z.string(), z.unknown()).default({}),
  trainImages: z.int().min(20).max(50_000).default(20_000)
    .describe("Training images that the classifiers are fitted on, equally many of each class"),
  testImages: z.int().min(20).max(10_000).default(10_000)
    .describe("Test images to judge, and on which leaves are compared, likewise"),
  mapImages: z.int().min(10).max(10_000).default(200)
    .describe("Test images on which the leaves' maps are compared, likewise"),
  batch: z.int().min(1).max(4096).default(100).describe("Images encoded at once"),
  mapBatch: z.int().min(1).max(1024).default(20).describe("Images mapped at once"),
  shrinkage: z.number().min(1e-6).max(1).default(0.01)
    .describe("Weight of equal variances in the classifiers' covariance"),
  draws: z.int().min(1).max(100).default(4)
    .describe("Random ensembles of each number of leaves between one and all"),
  sampleSeed: z.int().min(0).default(0)
    .describe("Of the ensembles and of the images mapped; the same for every model and seed"),
});

export type EnsembleParams = z.infer<typeof params>;

/** Findings on the leaves of one network. */
export interface LeavesFound {
  /** Accuracy of each leaf by itself. */
  readonly single: readonly number[];
  /** Accuracy of one classifier of all outputs side by side. */
  readonly concatenated: number;
  /** Accuracy of the mean of all leaves' probabilities. */
  readonly averaged: number;
  /** Ensembles of 1, 2, 4, … and m leaves. */
  readonly sizes: readonly OfSize[];
  /** Debiased CKA, mean over pairs of leaves; null where no two leaves vary. */
  readonly similarity: number | null;
  /** Means over images and pairs of leaves. */
  readonly overlap: { readonly spearman: number; readonly iou: number };
}

/** Contents of ensemble.json. */
export interface EnsembleMeta {
  readonly model: string;
  /** m */
  readonly leaves: number;
  readonly trainImages: number;
  readonly testImages: number;
  readonly mapImages: number;
  /** Absent for a net with one leaf. */
  readonly judged?: { readonly teacher: LeavesFound; readonly random: LeavesFound };
}
