/**
 * The paper's test-time encoder: the frozen teacher, and next to it the same architecture with its initial weights, with
 * what both make of fixed, unaugmented images. `raw_features_{train,test}.npy` are there if `rawPixels` asks for them.
 *
 * @module
 */
import { defineStage } from "../../pipeline/stage.ts";
import download from "../download/mod.ts";
import train from "../train/mod.ts";
import { modelUrl } from "../../treenet/models.ts";
import { estimateEncoding } from "./estimate.ts";
import { params } from "./params.ts";
import type { run } from "./run.ts";

export default defineStage<typeof run>({
  name: "ema-teacher",
  run: new URL("./run.ts", import.meta.url).href,
  axes: ["model", "seed"],
  inputs: { trained: train, data: download },
  reads: { trained: ["teacher.safetensors"] },
  params,
  outputs: [
    "teacher.safetensors",
    "random.safetensors",
    "model.json",
    ...["train", "test"].flatMap((split) => [
      `features_${split}.npy`,
      `random_features_${split}.npy`,
      `labels_${split}.npy`,
      `index_${split}.npy`,
    ]),
  ],
  needs: { cores: "all" },
  numeric: true,
  modules: ({ model, type = model }) => ({ model: modelUrl(type) }),
  estimate: estimateEncoding,
});
