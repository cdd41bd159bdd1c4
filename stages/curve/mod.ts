/**
 * Accuracy of an encoder over its training: the initial weights, the teacher's snapshots and the final
 * teacher, each probed on the same fixed images. See "Learning curves" of docs/recipe.md.
 *
 * @module
 */
import { defineStage } from "../../pipeline/stage.ts";
import download from "../download/mod.ts";
import train from "../train/mod.ts";
import { modelUrl } from "../../treenet/models.ts";
import { estimateCurve } from "./estimate.ts";
import { params } from "./params.ts";
import type { run } from "./run.ts";

export default defineStage<typeof run>({
  name: "curve",
  run: new URL("./run.ts", import.meta.url).href,
  axes: ["model", "seed"],
  inputs: { trained: train, data: download },
  reads: { trained: ["snapshots", "teacher.safetensors"] },
  params,
  outputs: ["curve.csv", "labels_test.npy", "predictions.npy"],
  numeric: true,
  modules: ({ model, type = model }) => ({ model: modelUrl(type) }),
  estimate: estimateCurve,
});
