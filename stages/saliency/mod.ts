/**
 * Saliency maps through single leaves, the rule that calls leaves specialists, generalists and failed learners, checks
 * of the maps themselves, and Figures 3 and 4. See "Saliency and leaf categories" of docs/recipe.md.
 *
 * @module
 */
import { defineStage } from "../../pipeline/stage.ts";
import download from "../download/mod.ts";
import emaTeacher from "../ema_teacher/mod.ts";
import train from "../train/mod.ts";
import { methodUrl, modelUrl } from "../../treenet/models.ts";
import { estimateSaliency } from "./estimate.ts";
import { params } from "./params.ts";
import type { run } from "./run.ts";

export default defineStage<typeof run>({
  name: "saliency",
  run: new URL("./run.ts", import.meta.url).href,
  axes: ["model", "seed"],
  inputs: { trained: train, teacher: emaTeacher, data: download },
  reads: { trained: ["teacher.safetensors"] },
  params,
  outputs: [
    "maps.npy",
    "embedding_maps.npy",
    "leaves.csv",
    "sanity.csv",
    ...["figure3", "figure4", "methods"].flatMap((figure) =>
      ["svg", "png", "csv"].map((ending) => `${figure}.${ending}`)
    ),
  ],
  numeric: true,
  modules: ({ model, type = model, method }) => ({ model: modelUrl(type), method: methodUrl(method) }),
  estimate: estimateSaliency,
});
