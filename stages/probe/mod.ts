/**
 * Linear evaluation and k-nearest neighbours on the frozen teacher's features, and on those of the same architecture
 * with its initial weights; beside them the released code's evaluation, and what lies between the two. See "Linear
 * evaluation" of docs/recipe.md.
 *
 * @module
 */
import { defineStage } from "../../pipeline/stage.ts";
import emaTeacher from "../ema_teacher/mod.ts";
import { estimateProbe } from "./estimate.ts";
import { params } from "./params.ts";
import type { run } from "./run.ts";

export default defineStage<typeof run>({
  name: "probe",
  run: new URL("./run.ts", import.meta.url).href,
  axes: ["model", "seed"],
  inputs: { teacher: emaTeacher },
  params,
  outputs: ["probe.json", "predictions.npy"],
  estimate: estimateProbe,
});
