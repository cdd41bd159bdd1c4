/**
 * The models are compared with features that nobody trained, or that are as old as the data set, under the same linear
 * probe and on the same images. See "Controls" of docs/recipe.md.
 *
 * @module
 */
import { defineStage } from "../../pipeline/types.ts";
import download from "../download/mod.ts";
import { modelUrl } from "../treenet/models.ts";
import { params } from "./params.ts";
import type { run } from "./run.ts";

export default defineStage<typeof run>({
  name: "controls",
  run: new URL("./run.ts", import.meta.url).href,
  axes: ["seed"],
  inputs: { data: download },
  params,
  outputs: ["controls.json", "predictions.npy", "labels_test.npy", "index_test.npy"],
  numeric: true,
  modules: ({ models }) => Object.fromEntries(Object.keys(models).map((name) => [name, modelUrl(name)])),
  estimate: ({ trainImages, testImages, patches, pixelSide }) => ({
    seconds: Math.ceil(
      (trainImages + testImages) * 1e-3 * (1 + patches.centroids / 50 + pixelSide ** 2 / 200),
    ),
    disk: 10 * testImages,
    memory: 500_000_000 + 24 * trainImages * Math.max(3 * pixelSide ** 2, 4 * patches.centroids),
  }),
});
