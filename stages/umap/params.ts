/**
 * Parameters and results of the layouts of features, with measures of how far the layouts can be trusted.
 *
 * @module
 */
import { z } from "zod";
import type { Quality, QualityRange } from "../../treenet/umap/quality.ts";

export const params = z.strictObject({
  model: z.string(),
  seed: z.int().min(0),
  images: z.int().min(40).max(5000).default(2000)
    .describe("Test images laid out, equally many of each class; the same for every model and seed"),
  neighbors: z.int().min(2).max(200).default(15)
    .describe(
      "Neighbours that UMAP keeps close (a point counts as its own first), and k of the measures of quality",
    ),
  minDist: z.number().min(0).max(1).default(0.1).describe("Smallest distance between points of a layout"),
  epochs: z.int().min(1).max(10_000).default(500).describe("Passes over the graph's edges"),
  layoutSeeds: z.array(z.int().min(0)).min(1).max(20).default([0, 1, 2])
    .describe("One layout each; the first is drawn, measures are of all"),
  sampleSeed: z.int().min(0).default(0).describe("Of the images drawn"),
});

export type UmapParams = z.infer<typeof params>;

/** Contents of quality.json. */
export interface UmapMeta {
  /** Ranges over the layouts of all seeds. */
  readonly teacher: QualityRange;
  readonly random: QualityRange;
  /** The layouts one by one, in the order of `layoutSeeds`. */
  readonly layouts: { readonly teacher: readonly Quality[]; readonly random: readonly Quality[] };
  /** Seeds of the layouts; the first layout is drawn. */
  readonly layoutSeeds: readonly number[];
  /** Number of images. */
  readonly n: number;
  readonly neighbors: number;
  readonly minDist: number;
  readonly epochs: number;
}
