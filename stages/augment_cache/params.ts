/**
 * The images and views that are asked for, and the index of those that were made.
 *
 * @module
 */
import { z } from "zod";
import type { AugmentRecipe } from "../../treenet/augment/mod.ts";
import { augmentFields } from "../../treenet/augment/recipe.ts";

export const params = z.strictObject({
  seed: z.int().min(0),
  images: z.int().min(1).max(50_000).default(50_000)
    .describe("training images to use, as many of each class, drawn by the seed"),
  rounds: z.int().min(0).max(1000).default(0)
    .describe("rounds of views to keep on disk; 0 leaves them to training, which makes the same bytes"),
  ...augmentFields,
});

export type AugmentCacheParams = z.infer<typeof params>;

/** Sizes of what was made; views are of an image and round, their sizes in pixels. */
export interface AugmentCacheMeta {
  readonly images: number;
  /** 0: training makes fresh views for every epoch. */
  readonly rounds: number;
  readonly globals: number;
  readonly locals: number;
  readonly globalSize: number;
  readonly localSize: number;
}

/** Shards of one round; shapes [n, views, size, size, 3]. */
export interface Round {
  readonly round: number;
  readonly globals: Shard;
  /** Absent where the recipe has no local views. */
  readonly locals?: Shard;
}

/** A file of views. */
export interface Shard {
  readonly file: string;
  readonly shape: readonly number[];
}

/** `index.json`. */
export interface AugmentIndex {
  readonly seed: number;
  /** Number of images; which ones says `images.npy`, in the order of the shards. */
  readonly images: number;
  readonly recipe: AugmentRecipe;
  readonly rounds: readonly Round[];
}
