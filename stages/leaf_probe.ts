/**
 * Linear evaluation of what the leaves of a tree put out, all m together and without the join: of the frozen teacher and
 * of the same architecture with its initial weights. What the leaves have learnt shows here even where a join hides it.
 * See "Linear evaluation" of docs/recipe.md.
 *
 * @module
 */
import { z } from "zod";
import { defineStage } from "../pipeline/types.ts";
import download from "./download.ts";
import emaTeacher from "./ema_teacher.ts";
import { estimateLeafProbe } from "./leaf_probe/estimate.ts";
import type { LinearResult } from "./probe/linear.ts";
import { linearFields } from "./probe/params.ts";

const params = z.strictObject({
  model: z.string().describe("A file of stages/treenet/models/, with dashes"),
  seed: z.int().min(0).max(2 ** 32 - 1).describe("Of the training run, and of the initial weights"),
  architecture: z.record(z.string(), z.unknown()).default({}).describe("The model's own configuration"),
  trainImages: z.int().min(10).max(50_000).default(50_000)
    .describe("Training images; the same ones as of ema-teacher for the same number"),
  testImages: z.int().min(10).max(10_000).default(10_000).describe("Test images, likewise"),
  batch: z.int().min(1).max(4096).default(100).describe("Images at once"),
  ...linearFields,
});

export type LeafProbeParams = z.infer<typeof params>;

/** Rows of predictions.npy, in this order; no row for a net with one leaf, whose outputs are its embedding. */
export const leafRows = ["teacher", "random"] as const;

/** Contents of leaf_probe.json. */
export interface LeafProbeMeta {
  readonly model: string;
  /** Features of an image: m · 128 in the recipe. */
  readonly features: number;
  /** That the probes were fitted on. */
  readonly trainImages: number;
  /** Absent where the net has one leaf. */
  readonly judged?: {
    readonly teacher: LinearResult;
    readonly random: LinearResult;
    /** The teacher's leaves have their initial weights, to the bit: they were judged once. */
    readonly untrained: boolean;
  };
}

export default defineStage({
  name: "leaf-probe",
  module: import.meta.url,
  axes: ["model", "seed"],
  inputs: { teacher: emaTeacher, data: download },
  reads: { teacher: ["teacher.safetensors", "random.safetensors"] },
  params,
  outputs: ["leaf_probe.json", "predictions.npy", "labels_test.npy", "index_test.npy"],
  numeric: true,
  modules: ({ model }) => ({
    model: new URL(`./treenet/models/${model.replaceAll("-", "_")}.ts`, import.meta.url).href,
  }),
  estimate: estimateLeafProbe,
  async run(context, params, { teacher, data }): Promise<LeafProbeMeta> {
    const { judgeLeaves } = await import("./leaf_probe/run.ts");
    return await judgeLeaves(context, params, { teacher: teacher.dir, data: data.dir });
  },
});
