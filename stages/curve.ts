/**
 * How much an encoder knows over its training: the initial weights, the teacher's snapshots and the teacher at the end,
 * each probed on the same fixed images. See "Learning curves" of docs/recipe.md.
 *
 * @module
 */
import { z } from "zod";
import { defineStage } from "../pipeline/types.ts";
import { estimateCurve } from "./curve/estimate.ts";
import type { CurvePoint } from "./curve/measure.ts";
import download from "./download.ts";
import train from "./train.ts";

const params = z.strictObject({
  model: z.string().describe("A file of stages/treenet/models/, with dashes"),
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

/** What the later stages may quote of a curve. */
export interface CurveMeta {
  readonly model: string;
  /** Images fitted on, validated on, and tested on. */
  readonly fitted: number;
  readonly validated: number;
  readonly tested: number;
  /** L2 penalties that each point could choose from. */
  readonly penalties: readonly number[];
  /** As curve.csv has them. */
  readonly points: readonly CurvePoint[];
}

export default defineStage({
  name: "curve",
  module: import.meta.url,
  axes: ["model", "seed"],
  inputs: { trained: train, data: download },
  reads: { trained: ["snapshots", "teacher.safetensors"] },
  params,
  outputs: ["curve.csv", "labels_test.npy", "predictions.npy"],
  numeric: true,
  modules: ({ model }) => ({
    model: new URL(`./treenet/models/${model.replaceAll("-", "_")}.ts`, import.meta.url).href,
  }),
  estimate: estimateCurve,
  async run(context, params, { trained, data }): Promise<CurveMeta> {
    const { drawCurve } = await import("./curve/run.ts");
    return await drawCurve(context, params, {
      trained: trained.dir,
      images: trained.meta.images,
      data: data.dir,
    });
  },
});
