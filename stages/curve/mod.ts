/**
 * How much an encoder knows over its training: the initial weights, the teacher's snapshots and the teacher at the end,
 * each probed on the same fixed images. See "Learning curves" of docs/recipe.md.
 *
 * @module
 */
import { defineStage } from "../../pipeline/types.ts";
import download from "../download/mod.ts";
import train from "../train/mod.ts";
import { modelUrl } from "../treenet/models.ts";
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
  modules: ({ model }) => ({ model: modelUrl(model) }),
  estimate: ({ architecture, trainImages, testImages }) => ({
    seconds: 30,
    disk: 10_000 + 50 * testImages,
    memory: 500_000_000 + COPIES * 8 * trainImages * widthOf(architecture),
  }),
});

/** Copies of the widest features, in float64, that a fit holds. */
const COPIES = 4;

/** Features of all leaves together, by the recipe's defaults; a single path's are no more than those of ResNet50. */
function widthOf({ leaves, leafSize = 128 }: Readonly<Record<string, unknown>>): number {
  return leaves === undefined ? 2048 : (leaves as number) * (leafSize as number);
}
