/**
 * Results of the saliency stage, as its artifact's meta.
 *
 * @module
 */
import type { Category, Rule } from "../treenet/saliency/categories.ts";
import type { WorstLesion } from "../treenet/saliency/lesion.ts";
import type { Kind } from "../treenet/saliency/shown.ts";

/** A leaf in a figure; `category` is null for the only path of a net that is not a tree. */
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

export interface SaliencyMeta {
  readonly model: string;
  /** m; 1 for single-path nets. */
  readonly leaves: number;
  /** Number of images that consistency was measured on (both halves together); `figureImages` are shown. */
  readonly images: number;
  readonly figureImages: number;
  /** Number of leaves in each category; null without a tree. */
  readonly categories: Readonly<Record<Category, number>> | null;
  /** Thresholds behind the categories; null without a tree. */
  readonly rule: Rule | null;
  /** Means over leaves, on the measurement half; null without a tree. */
  readonly effects: {
    /** Mean change of the embedding probe's accuracy without one leaf, a fraction; then the worst leaf's. */
    readonly lesion: number;
    readonly worstLesion: WorstLesion;
    /** Class selectivity of pooled channels; `untrainedSelectivity` is that of the untrained leaves. */
    readonly selectivity: number;
    readonly untrainedSelectivity: number;
    /** Number of images in the measurement half, behind lesions and AUROC gains. */
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
  /** Mean rank correlation of the methods' maps with the gradient's, and the largest completeness error. */
  readonly methods: {
    readonly smoothGrad: number;
    readonly integrated: number;
    readonly completenessError: number;
  };
  readonly sanity: readonly SanityStep[];
}
