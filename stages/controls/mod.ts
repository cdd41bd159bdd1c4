/**
 * Control features, which are untrained or as old as the data set, for comparison with the models under the
 * same linear probe and on the same images. See "Controls" of docs/recipe.md.
 *
 * @module
 */
import { defineStage } from "../../pipeline/stage.ts";
import download from "../download/mod.ts";
import { modelUrl } from "../../treenet/models.ts";
import { estimateControls } from "./estimate.ts";
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
  modules: ({ models }) =>
    Object.fromEntries(Object.entries(models).map(([name, { type }]) => [name, modelUrl(type)])),
  estimate: estimateControls,
});
