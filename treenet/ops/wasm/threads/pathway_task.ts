/**
 * The task of a stack of pathways, as its threads receive it: addresses and sizes of the layers of one kind of pass.
 *
 * @module
 */
import type { Batch, Plans } from "../batch.ts";
import type { Grouped } from "./convolution_jobs.ts";
import type { Tiling } from "./tiled_jobs.ts";

/** A convolution of one leaf. Widths are channel counts rounded up to multiples of 4. */
export interface PathwayLayer {
  readonly pixelsIn: number;
  readonly pixelsOut: number;
  readonly inputs: number;
  readonly inWidth: number;
  readonly outWidth: number;
  readonly form: LayerForm;
  readonly packed: Grouped;
  readonly packedTransposed: Grouped;
  /** Float offsets of each parameter and its gradient from the start of a leaf. */
  readonly offsets: Readonly<Record<"weights" | "bias" | "gamma" | "beta", number>>;
  /** Address of what a forward pass keeps for the backward pass: [m, N, pixelsOut, outWidth]. */
  readonly kept: number;
  /** [m, N, 2] */
  readonly moments: number;
}

/** A convolution along plans. */
export interface PlannedForm {
  readonly type: "planned";
  readonly forward: Plans;
  readonly backward: Plans;
  readonly pairs: Plans;
}

/** The algorithm of a layer's convolution: planned, or Winograd's form, for all layers but the first. */
export type LayerForm = PlannedForm | { readonly type: "tiled" } & Tiling;

/**
 * Jobs: leaves × chunks.
 * - `features`: images → pooled, keeping nothing
 * - `forward`: images → pooled, kept
 * - `backward`: pooled gradient, kept → a part of the parameter gradients a job
 * - `pixels`: images, pooled gradient → gradient of the images through one leaf
 */
export interface PathwayTask {
  readonly type: "pathways";
  readonly step: "features" | "forward" | "backward" | "pixels";
  readonly batch: Batch;
  readonly layers: readonly PathwayLayer[];
  /** [N, H, W, 4] */
  readonly images: number;
  readonly parameters: Grouped;
  /** Pooled activations, or their gradient in the last two steps: [m, N, outWidth]. */
  readonly pooled: number;
  /** `backward`: gradients, as the parameters lie, one a job. `pixels`: [m, N, H, W, 4]. */
  readonly output: number;
  /** One a thread. */
  readonly scratch: Grouped;
}
