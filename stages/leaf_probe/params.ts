/**
 * Parameters and results of probing the leaves' outputs.
 *
 * @module
 */
import { z } from "zod";
import type { LinearResult } from "../../treenet/probe/evaluation.ts";
import { linearFields } from "../../treenet/probe/params.ts";

export const params = z.strictObject({
  model: z.string().describe("Its name in the profile"),
  type: z.string().optional().describe("A file of treenet/models/, with dashes; by default the model's name"),
  seed: z.int().min(0).max(2 ** 32 - 1).describe("Of the training run, and of the initial weights"),
  architecture: z.record(z.string(), z.unknown()).default({}).describe("The model's own configuration"),
  trainImages: z.int().min(10).max(50_000).default(50_000)
    .describe("Training images; the same ones as of ema-teacher for the same number"),
  testImages: z.int().min(10).max(10_000).default(10_000).describe("Test images, likewise"),
  batch: z.int().min(1).max(4096).default(100).describe("Images at once"),
  ...linearFields,
});

export type LeafProbeParams = z.infer<typeof params>;

/** Contents of leaf_probe.json. */
export interface LeafProbeMeta {
  readonly model: string;
  /** Features of an image: m · 128 in the recipe. */
  readonly features: number;
  /** Images that the probes were fitted on. */
  readonly trainImages: number;
  /** Absent where the net has one leaf. */
  readonly judged?: {
    readonly teacher: LinearResult;
    readonly random: LinearResult;
    /** The teacher's leaves have their initial weights, to the bit: they were judged once. */
    readonly untrained: boolean;
  };
}
