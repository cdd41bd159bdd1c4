/**
 * Linear evaluation of what the leaves of a tree put out, all m together and without the join: of the frozen teacher and
 * of the same architecture with its initial weights. What the leaves have learnt shows here even where a join hides it.
 * See "Linear evaluation" of docs/recipe.md.
 *
 * @module
 */
import { defineStage } from "../../pipeline/stage.ts";
import download from "../download/mod.ts";
import emaTeacher from "../ema_teacher/mod.ts";
import { modelUrl } from "../../treenet/models.ts";
import { estimateLeafProbe } from "./estimate.ts";
import { params } from "./params.ts";
import type { run } from "./run.ts";

export default defineStage<typeof run>({
  name: "leaf-probe",
  run: new URL("./run.ts", import.meta.url).href,
  axes: ["model", "seed"],
  inputs: { teacher: emaTeacher, data: download },
  reads: { teacher: ["teacher.safetensors", "random.safetensors"] },
  params,
  outputs: ["leaf_probe.json", "predictions.npy", "labels_test.npy", "index_test.npy"],
  numeric: true,
  modules: ({ model, type = model }) => ({ model: modelUrl(type) }),
  estimate: estimateLeafProbe,
});
