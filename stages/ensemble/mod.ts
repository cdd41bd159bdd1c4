/**
 * The leaves of a tree compared with each other, after training and before: accuracy of each and of ensembles of them,
 * similarity of their outputs, overlap of their maps. See docs/claims.md, which rests on it.
 *
 * @module
 */
import { defineStage } from "../../pipeline/stage.ts";
import download from "../download/mod.ts";
import emaTeacher from "../ema_teacher/mod.ts";
import { modelUrl } from "../../treenet/models.ts";
import { estimateEnsemble } from "./estimate.ts";
import { params } from "./params.ts";
import type { run } from "./run.ts";

export default defineStage<typeof run>({
  name: "ensemble",
  run: new URL("./run.ts", import.meta.url).href,
  axes: ["model", "seed"],
  inputs: { teacher: emaTeacher, data: download },
  reads: { teacher: ["teacher.safetensors", "random.safetensors"] },
  params,
  outputs: [
    "ensemble.json",
    "predictions.npy",
    "cka.npy",
    "overlap.npy",
    "labels_test.npy",
    "index_test.npy",
  ],
  numeric: true,
  modules: ({ model, type = model }) => ({ model: modelUrl(type) }),
  estimate: estimateEnsemble,
});
