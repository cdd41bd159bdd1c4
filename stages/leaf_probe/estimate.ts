/**
 * Estimated cost of probing the outputs of all leaves.
 *
 * @module
 */
import type { Estimate, EstimateContext } from "../../pipeline/stage.ts";
import { encoderOf, leafFeatures, linearSeconds, moduleOf, passSeconds } from "../../treenet/rates.ts";
import type { LeafProbeParams } from "./params.ts";
import type { Model } from "../../treenet/nn/types.ts";

const COPIES = 3; // of the features, in float64, while they are fitted

export function estimateLeafProbe(
  { architecture, trainImages: train, testImages, l2, folds }: LeafProbeParams,
  { modules }: EstimateContext,
): Estimate {
  const encoder = encoderOf(modules, architecture), size = leafFeatures(encoder);
  // Leaves that stay as they were are judged once.
  const networks = size === 0 ? 0 : moduleOf<Model>(modules.model).control ? 1 : 2;
  const count = networks * (train + testImages), seconds = count * passSeconds(encoder);
  return {
    seconds: 1 + seconds + networks * linearSeconds({ train, size }, { penalties: l2.count, folds }),
    units: { count, seconds },
    disk: 20 * testImages,
    memory: 500_000_000 + COPIES * 8 * train * size,
  };
}
