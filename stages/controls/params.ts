/**
 * Parameters and results of the control features, with which the models are compared.
 *
 * @module
 */
import { z } from "zod";
import type { LinearResult } from "../../treenet/probe/evaluation.ts";
import { linearFields } from "../../treenet/probe/params.ts";
import type { PredictionRow } from "../../treenet/probe/prediction_rows.ts";

const count = z.int().min(1);

const patches = z.strictObject({
  size: z.int().min(1).max(32).default(6).describe("Pixels on a side of a patch"),
  stride: z.int().min(1).max(32).default(1).describe("Pixels from one patch to the next of an image"),
  centroids: count.max(10_000).default(1600).describe("K of k-means; an image has 4 K features"),
  count: count.max(10_000_000).default(400_000).describe("Patches that are clustered"),
  iterations: count.max(10_000).default(50).describe("Of k-means"),
  epsilon: z.number().min(0).max(100).default(0.1).describe(
    "Added to the variances when patches are whitened",
  ),
});

export const params = z.strictObject({
  seed: z.int().min(0).max(2 ** 32 - 1).describe("Of initial leaves, patches and the start of k-means"),
  models: z.record(
    z.string(),
    z.strictObject({ type: z.string(), architecture: z.record(z.string(), z.unknown()) }),
  ).default({}).describe("Model → its type and architecture, whose leaves are taken untrained"),
  trainImages: z.int().min(10).max(50_000).default(50_000)
    .describe("Training images; the same ones as of ema-teacher for the same number"),
  testImages: z.int().min(10).max(10_000).default(10_000).describe("Test images, likewise"),
  batch: count.max(4096).default(100).describe("Images that go through leaves at once"),
  pixelSide: z.literal([1, 2, 4, 8, 16, 32]).default(32)
    .describe("Pixels on a side of the images that are features themselves; fewer than 32 are averages"),
  components: count.max(4096).default(128).describe("Principal components of the leaves' outputs"),
  patches: patches.prefault({}).describe("Single-layer k-means features (Coates et al. 2011)"),
  ...linearFields,
});

export type ControlsParams = z.infer<typeof params>;

/** One kind of features. */
export interface Control {
  readonly name: "pixels" | "patches" | "random-leaves-pca";
  /** Models with these untrained leaves; several where their leaves start alike. */
  readonly models: readonly string[];
  /** Features of an image. */
  readonly features: number;
  readonly linear: LinearResult;
}

/** Contents of controls.json. */
export interface ControlsMeta {
  readonly controls: readonly Control[];
  /** Meaning of the rows of predictions.npy, each of the control with this index. */
  readonly predictions: readonly PredictionRow<number>[];
  readonly trainImages: number;
  readonly testImages: number;
  /** Sizes that decide the controls' names. */
  readonly pixelSide: number;
  readonly centroids: number;
  readonly components: number;
}
