/**
 * What each leaf looks at, and what it is: saliency maps through single leaves, the rule that calls leaves specialists,
 * generalists and failed learners, checks of the maps themselves, and Figures 3 and 4. See "Saliency and leaf categories" of docs/recipe.md.
 *
 * @module
 */
import { z } from "zod";
import { defineStage } from "../pipeline/types.ts";
import download from "./download.ts";
import emaTeacher from "./ema_teacher.ts";
import { estimateSaliency } from "./saliency/estimate.ts";
import type { SaliencyMeta } from "./saliency/meta.ts";
import type { Backend } from "./treenet/ops/mod.ts";
import type { Model } from "./treenet/types.ts";

export type { SaliencyMeta };

const params = z.strictObject({
  model: z.string(),
  seed: z.int().min(0),
  architecture: z.unknown(),
  images: z.int().min(20).max(10_000).multipleOf(2).default(200)
    .describe("Test images, the same number of every class, on which the maps' consistency is measured"),
  figureImages: z.int().min(1).max(12).default(8)
    .describe("Test images shown in Figures 3 and 4, and on which saliency methods are compared"),
  selectivityImages: z.int().min(20).max(10_000).multipleOf(2).default(600)
    .describe("Test images on which the selectivity of channels is measured"),
  sanityImages: z.int().min(1).max(1000).default(20)
    .describe("Test images whose maps are compared while layers are randomised"),
  batch: z.int().min(1).max(1024).default(20).describe("Images at once"),
  overlays: z.int().min(1).max(8).default(3).describe("Triples of leaves in Figure 3"),
  specialists: z.int().min(1).max(12).default(4).describe("Leaves in Figure 4"),
  ridge: z.number().positive().max(1e3).default(0.1)
    .describe("Penalty of the single-leaf probes, relative to a feature variance of 1"),
  permutations: z.int().min(1).max(1000).default(20)
    .describe("Label permutations behind the null of concentrations; under 20 no leaf can be a specialist"),
  smoothSamples: z.int().min(1).max(1000).default(16).describe("Noisy copies of an image in SmoothGrad"),
  integrationSteps: z.int().min(1).max(10_000).default(32).describe("Steps of integrated gradients"),
  sampleSeed: z.int().min(0).default(0)
    .describe(
      "Of the halves, the images drawn, their jitter and the permutations; the same for every model and seed",
    ),
});

export default defineStage({
  name: "saliency",
  module: import.meta.url,
  axes: ["model", "seed"],
  inputs: { teacher: emaTeacher, data: download },
  params,
  outputs: [
    "maps.npy",
    "leaves.csv",
    "sanity.csv",
    ...["figure3", "figure4", "methods"].flatMap((figure) =>
      ["svg", "png", "csv"].map((ending) => `${figure}.${ending}`)
    ),
  ],
  numeric: true,
  modules: ({ model }) => ({
    model: new URL(`./treenet/models/${model.replaceAll("-", "_")}.ts`, import.meta.url).href,
  }),
  estimate: estimateSaliency,
  async run(context, params, { teacher, data }): Promise<SaliencyMeta> {
    const { loadOps } = await import("./treenet/ops/mod.ts");
    const { buildEncoder } = await import("./treenet/network.ts");
    const { survey } = await import("./saliency/survey.ts");
    const { default: model } = context.modules.model as { readonly default: Model };
    const encoder = buildEncoder(model, params.architecture);
    const ops = await loadOps(context.backend as Backend, context);
    try {
      return await survey({ context, params, teacher, data, encoder, ops });
    } finally {
      ops.close();
    }
  },
});
