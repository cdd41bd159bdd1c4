/**
 * Linear evaluation of every layer of a trained network, from the leaves' pooled channels to the outputs that the loss
 * compares, and of the same network with its initial weights: the place where accuracy is made, and where it is lost. See
 * "Layers" of docs/recipe.md.
 *
 * @module
 */
import { defineStage } from "../../pipeline/stage.ts";
import download from "../download/mod.ts";
import train from "../train/mod.ts";
import { methodUrl, modelUrl } from "../../treenet/models.ts";
import { estimateLayerProbe } from "./estimate.ts";
import { params } from "./params.ts";
import type { run } from "./run.ts";

/** Files that the section reads. */
export const sectionReads = ["predictions.npy", "labels_test.npy"];

export default defineStage<typeof run>({
  name: "layer-probe",
  run: new URL("./run.ts", import.meta.url).href,
  axes: ["model", "seed"],
  inputs: { trained: train, data: download },
  reads: { trained: ["teacher.safetensors"] },
  params,
  outputs: ["layer_probe.json", "predictions.npy", "labels_test.npy", "index_test.npy"],
  numeric: true,
  modules: ({ model, type = model, method }) => ({ model: modelUrl(type), method: methodUrl(method) }),
  estimate: estimateLayerProbe,
});
