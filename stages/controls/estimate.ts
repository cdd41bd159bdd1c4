/**
 * Estimated cost of the untrained features and their probes.
 *
 * @module
 */
import type { Estimate, EstimateContext } from "../../pipeline/stage.ts";
import type { ControlsParams } from "./params.ts";
import { encoderOf, leafFeatures, linearSeconds, moduleOf, passSeconds } from "../../treenet/rates.ts";
import type { Encoder, Model } from "../../treenet/nn/types.ts";

const SIDE = 32; // pixels
const PATCH_RATE = 10e9; // floating point operations a second, of k-means and of encoding

export function estimateControls(params: ControlsParams, { modules }: EstimateContext): Estimate {
  const { trainImages: train, testImages, l2, folds, patches, pixelSide, components } = params;
  const probe = (size: number) => linearSeconds({ train, size }, { penalties: l2.count, folds });
  const widths = [3 * pixelSide ** 2, 4 * patches.centroids];
  const positions = Math.floor((SIDE - patches.size) / patches.stride + 1) ** 2;
  const compared = patches.count * patches.iterations + (train + testImages) * positions;
  let seconds = 1 + compared * 2 * patches.centroids * 3 * patches.size ** 2 / PATCH_RATE;
  for (const encoder of differentTrees(params.models, modules)) {
    const size = leafFeatures(encoder);
    seconds += (train + testImages) * passSeconds(encoder) + linearSeconds({ train, size }, { penalties: 0 });
    widths.push(Math.min(size, components));
  }
  return {
    seconds: seconds + widths.reduce((sum, size) => sum + probe(size), 0),
    disk: 20_000 + (folds + 1) * widths.length * testImages,
    memory: 500_000_000 + 24 * train * Math.max(3 * pixelSide ** 2, 4 * patches.centroids),
  };
}

/** Trees of the profile with different leaves, without those that are controls themselves. */
function differentTrees(
  models: ControlsParams["models"],
  modules: EstimateContext["modules"],
): readonly Encoder[] {
  const names = Object.keys(models).filter((model) => !moduleOf<Model>(modules[model]).control);
  const encoders = names.map((name) => encoderOf({ model: modules[name] }, models[name].architecture));
  const trees = encoders.filter(({ leaves }) => leaves > 1);
  return [...new Map(trees.map((encoder) => [JSON.stringify(encoder.pathways?.spec), encoder])).values()];
}
