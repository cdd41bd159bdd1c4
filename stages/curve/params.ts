/**
 * Parameters and results of the probes over a training.
 *
 * @module
 */
import { z } from "zod";

export const params = z.strictObject({
  model: z.string().describe("Its name in the profile"),
  type: z.string().optional().describe("A file of treenet/models/, with dashes; by default the model's name"),
  seed: z.int().min(0).max(2 ** 32 - 1).describe("Of the training run, and of the initial weights"),
  architecture: z.record(z.string(), z.unknown()).default({}).describe("The model's own configuration"),
  trainImages: z.int().min(20).max(50_000).default(10_000)
    .describe("Training images to fit and to validate on, equally many of each class"),
  testImages: z.int().min(10).max(10_000).default(4000)
    .describe("Test images to encode, equally many of each class"),
  holdout: z.number().min(0.01).max(0.5).default(0.2)
    .describe("Share of each class of the training images that is for validation, and never fitted"),
  splitSeed: z.int().min(0).default(0).describe("Of that split; the same for every model and seed"),
  l2: z.array(z.number().positive().max(1e6)).min(1).max(20).default([0.1, 0.01, 0.001])
    .describe("L2 penalties tried; the best in validation is taken, at each point anew"),
  neighbours: z.int().min(1).max(10_000).default(20).describe("k of the k-nearest-neighbour classifier"),
  temperature: z.number().positive().max(10).default(0.07)
    .describe("A neighbour votes with weight exp(cosine / temperature)"),
  batch: z.int().min(1).max(4096).default(100).describe("Images at once"),
});

export type CurveParams = z.infer<typeof params>;

/** A line of curve.csv; shares of images lie in [0, 1]. */
export interface CurvePoint {
  /** Source images seen. */
  readonly images: number;
  /** Linear probe of the embedding. */
  readonly validation_linear: number;
  /** Linear probe of all leaves' outputs; null for nets with one leaf. */
  readonly validation_linear_leaves: number | null;
  readonly test_linear: number;
  readonly test_linear_leaves: number | null;
  readonly validation_knn: number;
  /** RankMe of the embeddings of the first test images, 256 at most. */
  readonly rankme: number;
  /** Penalties chosen in validation. */
  readonly l2: number;
  readonly l2_leaves: number | null;
}

/** Facts of a curve that later stages may quote. */
export interface CurveMeta {
  readonly model: string;
  /** Images fitted on, validated on, and tested on. */
  readonly fitted: number;
  readonly validated: number;
  readonly tested: number;
  /** L2 penalties that each point could choose from. */
  readonly penalties: readonly number[];
  /** The lines of curve.csv. */
  readonly points: readonly CurvePoint[];
}
