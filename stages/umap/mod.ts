/**
 * UMAP layouts of the frozen teacher's features of test images, and of those of the same architecture with its initial
 * weights, with measures of how far they can be trusted. See "UMAP" of docs/recipe.md.
 *
 * @module
 */
import { defineStage } from "../../pipeline/stage.ts";
import emaTeacher from "../ema_teacher/mod.ts";
import { params } from "./params.ts";
import type { run } from "./run.ts";

export default defineStage<typeof run>({
  name: "umap",
  run: new URL("./run.ts", import.meta.url).href,
  axes: ["model", "seed"],
  inputs: { teacher: emaTeacher },
  params,
  outputs: [
    "embedding.npy",
    "random_embedding.npy",
    "labels.npy",
    "index.npy",
    "quality.json",
    "figure5.svg",
    "figure5.png",
    "figure5.csv",
  ],
  estimate: ({ images, neighbors, epochs, layoutSeeds: { length } }) => ({
    // Two networks: passes over each graph's edges, and distances between all images.
    seconds: 1 + 2 * length * images * (1e-7 * neighbors * epochs + 2.3e-7 * images),
    disk: 1_000_000,
    memory: 600_000_000,
  }),
});
