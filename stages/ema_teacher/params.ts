/**
 * Parameters and results of encoding images with a frozen teacher.
 *
 * @module
 */
import { z } from "zod";

export const params = z.strictObject({
  model: z.string().describe("Its name in the profile"),
  type: z.string().optional().describe("A file of treenet/models/, with dashes; by default the model's name"),
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

/** Facts of the encoders that later stages may quote. */
export interface EmaTeacherMeta {
  readonly model: string;
  /** Features of the embedding. */
  readonly embedding: number;
  /** m */
  readonly leaves: number;
  readonly trainImages: number;
  readonly testImages: number;
}
