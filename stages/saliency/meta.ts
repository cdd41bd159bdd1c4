/**
 * What the saliency stage found, as its artifact's meta.
 *
 * @module
 */
import type { Category, Rule } from "../treenet/saliency/categories.ts";
import type { WorstLesion } from "../treenet/saliency/lesion.ts";
import type { Kind } from "../treenet/saliency/shown.ts";

/** A leaf in a figure; `category` is null for the only path of a net that is no tree. */
export interface LeafInFigure {
  readonly leaf: number;
  readonly category: Category | null;
}

/** A step of the sanity check: from the output back to `layer`, all layers have fresh initial weights. */
export interface SanityStep {
  readonly layer: string;
  /** Rank correlation and structural similarity with the trained network's maps: mean over images and leaves. */
  readonly spearman: number;
  readonly ssim: number;
}

export interface SaliencyMeta {
  readonly model: string;
  /** m; 1 for single-path nets. */
  readonly leaves: number;
  /** Images that consistency was measured on (both halves together), and images shown. */
  readonly images: number;
  readonly figureImages: number;
  /** Leaves of each category; null where there is no tree. */
  readonly categories: Readonly<Record<Category, number>> | null;
  /** What the categories follow from; null where there is no tree. */
  readonly rule: Rule | null;
  /** Means over leaves, on the measurement half; null where there is no tree. */
  readonly effects: {
    /** Change of the embedding probe's accuracy without one leaf, a fraction, and that of the leaf missed most. */
    readonly lesion: number;
    readonly worstLesion: WorstLesion;
    /** Class selectivity of pooled channels, and of the untrained leaves'. */
    readonly selectivity: number;
    readonly untrainedSelectivity: number;
    /** Of the measurement half, behind lesions and AUROC gains. */
    readonly images: number;
  } | null;
  readonly figure3: {
    readonly panels: readonly (readonly LeafInFigure[])[];
    /** Kinds that no leaf belongs to. */
    readonly absent: readonly Kind[];
  };
  readonly figure4: {
    readonly leaves: readonly LeafInFigure[];
    /** False where there is no consistent specialist: the most consistent of all leaves are shown instead. */
    readonly specialists: boolean;
  };
  /** Of the methods' maps: mean rank correlation with the gradient's, and the worst error of completeness. */
  readonly methods: {
    readonly smoothGrad: number;
    readonly integrated: number;
    readonly completenessError: number;
  };
  readonly sanity: readonly SanityStep[];
}
