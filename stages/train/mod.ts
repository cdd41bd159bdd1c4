/**
 * Trains a student and its EMA teacher without labels. See "Loss and optimisation" of docs/recipe.md; the loop itself
 * is in `treenet/train.ts`, what goes in and out of it here.
 *
 * @module
 */
import { defineStage } from "../../pipeline/stage.ts";
import augmentCache from "../augment_cache/mod.ts";
import download from "../download/mod.ts";
import { methodUrl, modelUrl } from "../../treenet/models.ts";
import { estimateTraining } from "./estimate.ts";
import { trainParams } from "./params.ts";
import type { run } from "./run.ts";

/** Files that the section reads. */
export const sectionReads = ["log.csv"];

export default defineStage<typeof run>({
  name: "train",
  run: new URL("./run.ts", import.meta.url).href,
  axes: ["model", "seed"],
  inputs: { data: download, views: augmentCache },
  params: trainParams,
  outputs: ["log.csv", "student.safetensors", "teacher.safetensors", "optimizer.safetensors"],
  needs: { cores: "all", scratch: true },
  numeric: true,
  hints: {
    "checkpoint-steps": "steps of a training from one checkpoint to the next (default 100, and every epoch)",
  },
  modules: ({ model, type = model, method }) => ({ model: modelUrl(type), method: methodUrl(method) }),
  estimate: estimateTraining,
});
