/**
 * Parameters and results of the examination of leaves.
 *
 * @module
 */
import { z } from "zod";
import type { Category, LeafTests, Rule } from "../../treenet/saliency/leaves/categories.ts";
import type { Power } from "../../treenet/saliency/leaves/power.ts";
import type { WorstLesion } from "../../treenet/saliency/leaves/lesion.ts";
import type { Kind } from "../../treenet/saliency/shown.ts";

export const params = z.strictObject({
  model: z.string().describe("Its name in the profile"),
  type: z.string().optional().describe("A file of treenet/models/, with dashes; by default the model's name"),
  seed: z.int().min(0),
  architecture: z.unknown(),
  method: z.string().default("dino").describe("Of the training run: a file of treenet/methods/, with dashes"),
  heads: z.record(z.string(), z.unknown()).default({}).describe("The method's own fields"),
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
  probeImages: z.int().min(20).max(50_000).default(20_000)
    .describe("Training images that the single-leaf probes are fitted on, equally many of each class"),
  draws: z.int().min(1000).max(1_000_000).default(9999)
    .describe("Draws of even learners, against which a leaf's gains are tested"),
  smoothSamples: z.int().min(1).max(1000).default(16).describe("Noisy copies of an image in SmoothGrad"),
  integrationSteps: z.int().min(1).max(10_000).default(32).describe("Steps of integrated gradients"),
  sampleSeed: z.int().min(0).default(0)
    .describe(
      "Of the halves, the images drawn, their jitter, the permutations and draws; the same for every model and seed",
    ),
});

export type SaliencyParams = z.infer<typeof params>;

/** A leaf in a figure; `category` is null for the only path of a net that is no tree. */
export interface LeafInFigure {
  readonly leaf: number;
  readonly category: Category | null;
}

/** One leaf, after training and before: tests on the selection half, measures on the other. */
export interface LeafSummary {
  readonly leaf: number;
  readonly category: Category;
  readonly accuracy: { readonly after: number; readonly before: number };
  /** Images of the selection half on which exactly one of the two is right, and those on which it is the leaf after training. */
  readonly discordant: number;
  readonly onlyAfterRight: number;
  readonly tests: LeafTests;
  /** The classes whose gains stand out most on the selection half, and mean gains on them and on the others. */
  readonly favoured: readonly number[];
  readonly favouredGain: number;
  readonly othersGain: number;
  readonly concentration: number;
  /** AUROC after minus before, by class, and standard errors. */
  readonly gains: readonly number[];
  readonly gainErrors: readonly number[];
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
  /** Effects that the rule finds with these images and leaves; null without a tree. */
  readonly power: Power | null;
  /** Every leaf; null without a tree. */
  readonly each: readonly LeafSummary[] | null;
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
  /** Mean rank correlations of other maps with the released ones, and the worst error of completeness. */
  readonly methods: {
    /** Gradient of the embedding's sum, on half of the `images`. */
    readonly embedding: number;
    readonly smoothGrad: number;
    readonly integrated: number;
    readonly completenessError: number;
  };
  readonly sanity: readonly SanityStep[];
}
