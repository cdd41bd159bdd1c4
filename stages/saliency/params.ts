/**
 * Parameters and results of the examination of leaves.
 *
 * @module
 */
import { z } from "zod";
import type { Category, Rule } from "../../treenet/saliency/leaves/categories.ts";
import type { WorstLesion } from "../../treenet/saliency/leaves/lesion.ts";
import type { Kind } from "../../treenet/saliency/shown.ts";

export const params = z.strictObject({
  model: z.string().describe("Its name in the profile"),
  type: z.string().optional().describe("A file of treenet/models/, with dashes; by default the model's name"),
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

export type SaliencyParams = z.infer<typeof params>;

/** A leaf in a figure; `category` is null for the only path of a net that is no tree. */
export interface LeafInFigure {
  readonly leaf: number;
  readonly category: Category | null;
}

/** A step of the sanity check: from the output back to `layer`, all layers have fresh initial weights. */
export interface SanityStep {
  readonly layer: string;
  /** Rank correlation with the trained network's maps, mean over images and leaves; `ssim` likewise. */
  readonly spearman: number;
  readonly ssim: number;
}

/** Findings that later stages may quote. */
export interface SaliencyMeta {
  readonly model: string;
  /** m; 1 for single-path nets. */
  readonly leaves: number;
  /** Number of images that consistency was measured on (both halves together); `figureImages` are shown. */
  readonly images: number;
  readonly figureImages: number;
  /** Number of leaves in each category; null without a tree. */
  readonly categories: Readonly<Record<Category, number>> | null;
  /** Rule that decides the categories; null without a tree. */
  readonly rule: Rule | null;
  /** Means over leaves, on the measurement half; null without a tree. */
  readonly effects: {
    /** Mean change of the embedding probe's accuracy without one leaf, a fraction; then the worst leaf's. */
    readonly lesion: number;
    readonly worstLesion: WorstLesion;
    /** Class selectivity of pooled channels; `untrainedSelectivity` is that of the untrained leaves. */
    readonly selectivity: number;
    readonly untrainedSelectivity: number;
    /** Images of the measurement half, behind lesions and AUROC gains. */
    readonly images: number;
  } | null;
  readonly figure3: {
    readonly panels: readonly (readonly LeafInFigure[])[];
    /** Kinds without a leaf. */
    readonly absent: readonly Kind[];
  };
  readonly figure4: {
    readonly leaves: readonly LeafInFigure[];
    /** False if no leaf is a consistent specialist: the most consistent of all leaves are shown instead. */
    readonly specialists: boolean;
  };
  /** Mean rank correlations of the methods' maps with the gradient's, and the worst error of completeness. */
  readonly methods: {
    readonly smoothGrad: number;
    readonly integrated: number;
    readonly completenessError: number;
  };
  readonly sanity: readonly SanityStep[];
}
