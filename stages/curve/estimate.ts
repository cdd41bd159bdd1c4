/**
 * Estimated cost of probing an encoder over its training: one probe for each stored moment.
 *
 * @module
 */
import type { Estimate, EstimateContext } from "../../pipeline/stage.ts";
import {
  encoderOf,
  leafFeatures,
  linearSeconds,
  neighbourSeconds,
  passSeconds,
} from "../../treenet/rates.ts";
import type { CurveParams } from "./params.ts";
import type { TrainParams } from "../train/params.ts";

const COPIES = 4; // of the widest features, in float64, while they are fitted

export function estimateCurve(
  { architecture, trainImages, testImages, holdout, l2 }: CurveParams,
  { modules, inputs: { trained } }: EstimateContext,
): Estimate {
  const moments = 2 + (trained.params as TrainParams).snapshots; // with the first and the last
  const encoder = encoderOf(modules, architecture), leaves = leafFeatures(encoder);
  const train = (1 - holdout) * trainImages;
  const fit = (size: number) => linearSeconds({ train, size }, { penalties: l2.length });
  const neighbours = neighbourSeconds({ train, size: encoder.size }, holdout * trainImages);
  const count = moments * (trainImages + testImages), seconds = count * passSeconds(encoder);
  return {
    seconds: 1 + seconds + moments * (fit(encoder.size) + fit(leaves) + neighbours),
    units: { count, seconds },
    disk: 10_000 + 50 * testImages,
    memory: 500_000_000 + COPIES * 8 * trainImages * Math.max(encoder.size, leaves),
  };
}
