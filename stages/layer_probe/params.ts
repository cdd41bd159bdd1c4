/**
 * Parameters and results of probing every layer.
 *
 * @module
 */
import { z } from "zod";
import { releasedParams } from "../../treenet/probe/params.ts";

export const params = z.strictObject({
  model: z.string().describe("Its name in the profile"),
  type: z.string().optional().describe("A file of treenet/models/, with dashes; by default the model's name"),
  seed: z.int().min(0).max(2 ** 32 - 1).describe("Of the training run, and of the initial weights"),
  architecture: z.record(z.string(), z.unknown()).default({}).describe("The model's own configuration"),
  method: z.string().default("dino").describe("Of the training run: a file of treenet/methods/, with dashes"),
  heads: z.record(z.string(), z.unknown()).default({}).describe("The method's own fields"),
  trainImages: z.int().min(20).max(50_000).default(50_000)
    .describe(
      "Training images to fit and to validate on; the same ones as of ema-teacher for the same number",
    ),
  testImages: z.int().min(10).max(10_000).default(10_000).describe("Test images, likewise"),
  holdout: z.number().min(0.01).max(0.5).default(0.2)
    .describe("Share of each class of the training images that is for validation, and never fitted"),
  splitSeed: z.int().min(0).default(0).describe("Of that split; the same for every model and seed"),
  l2: z.array(z.number().positive().max(1e6)).min(1).max(20).default([0.1, 0.01, 0.001])
    .describe("L2 penalties tried; the best in validation is taken, for each layer anew"),
  widest: z.int().min(1).max(100_000).default(4096)
    .describe("Layers with more outputs are named and not probed"),
  released: releasedParams.nullable().default(null)
    .describe("The released code's probe of the layers that the released code probed; null for none"),
  batch: z.int().min(1).max(4096).default(100).describe("Images at once"),
});

export type LayerProbeParams = z.infer<typeof params>;

/** Networks and readings that a layer is judged in. */
export type LayerReading = "teacher" | "random" | "released";

/** One probe of a layer. */
export interface LayerResult {
  /** Fraction of the test images. */
  readonly accuracy: number;
  /** Chosen in validation; absent for the released code's probe. */
  readonly l2?: number;
}

/** A layer's probes. */
export interface ProbedLayer {
  /** `pooled`, `leaves`, `leaf mean`, `join.linear1`, `join.relu1`, …, `embedding`, `head.mlp1`, …, `head.outputs`. */
  readonly name: string;
  /** Outputs for an image. */
  readonly features: number;
  readonly results: Readonly<Partial<Record<LayerReading, LayerResult>>>;
}

/** Contents of layer_probe.json. */
export interface LayerProbeMeta {
  readonly model: string;
  /** Images fitted on, validated on, and tested on. */
  readonly fitted: number;
  readonly validated: number;
  readonly tested: number;
  /** In the order of a pass. */
  readonly layers: readonly ProbedLayer[];
  /** Layers that are wider than what is probed. */
  readonly left: readonly { readonly name: string; readonly features: number }[];
  /** Rows of predictions.npy; of the released code's probe one for each seed of its layer, in their order. */
  readonly predictions: readonly { readonly layer: string; readonly reading: LayerReading }[];
}
