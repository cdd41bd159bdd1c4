/**
 * The paper's test-time encoder: the frozen teacher, and next to it the same architecture with its initial weights, with
 * what both make of fixed, unaugmented images. `raw_features_{train,test}.npy` are there if `rawPixels` asks for them.
 *
 * @module
 */
import { z } from "zod";
import { defineStage } from "../pipeline/types.ts";
import download from "./download.ts";
import { estimateEncoding } from "./ema_teacher/estimate.ts";
import train from "./train.ts";

const params = z.strictObject({
  model: z.string().describe("A file of stages/treenet/models/, with dashes"),
  seed: z.int().min(0).max(2 ** 32 - 1).describe("Of the training run, and of the initial weights"),
  architecture: z.record(z.string(), z.unknown()).default({}).describe("The model's own configuration"),
  trainImages: z.int().min(10).max(50_000).default(50_000)
    .describe("Training images to encode, equally many of each class"),
  testImages: z.int().min(10).max(10_000).default(10_000)
    .describe("Test images to encode, equally many of each class"),
  batch: z.int().min(1).max(4096).default(100).describe("Images at once"),
  rawPixels: z.boolean().default(true)
    .describe("Also encode raw pixels of 0 to 255 with the teacher, as the released evaluation did"),
});

export type EmaTeacherParams = z.infer<typeof params>;

/** What the later stages may quote of the encoders. */
export interface EmaTeacherMeta {
  readonly model: string;
  /** Features of the embedding. */
  readonly embedding: number;
  /** m */
  readonly leaves: number;
  readonly trainImages: number;
  readonly testImages: number;
}

export default defineStage({
  name: "ema-teacher",
  module: import.meta.url,
  axes: ["model", "seed"],
  inputs: { trained: train, data: download },
  reads: { trained: ["teacher.safetensors"] },
  params,
  outputs: [
    "teacher.safetensors",
    "random.safetensors",
    "model.json",
    ...["train", "test"].flatMap((split) => [
      `features_${split}.npy`,
      `random_features_${split}.npy`,
      `labels_${split}.npy`,
      `index_${split}.npy`,
    ]),
  ],
  needs: { cores: "all" },
  numeric: true,
  modules: ({ model }) => ({
    model: new URL(`./treenet/models/${model.replaceAll("-", "_")}.ts`, import.meta.url).href,
  }),
  estimate: estimateEncoding,
  async run(context, params, { trained, data }): Promise<EmaTeacherMeta> {
    const { freeze } = await import("./ema_teacher/freeze.ts");
    return await freeze(context, params, { trained: trained.dir, data: data.dir });
  },
});
