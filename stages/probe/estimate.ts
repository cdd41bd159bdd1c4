/**
 * Estimated cost of the probes of a teacher's features, which follows from the number of features.
 *
 * @module
 */
import type { Estimate, EstimateContext } from "../../pipeline/stage.ts";
import { encoderOf, linearSeconds, neighbourSeconds, releasedSeconds } from "../../treenet/rates.ts";
import type { EmaTeacherParams } from "../ema_teacher/params.ts";
import type { ProbeParams } from "./params.ts";

export function estimateProbe(
  { l2, folds, released }: ProbeParams,
  { inputs: { teacher } }: EstimateContext,
): Estimate {
  const { trainImages: train, testImages, architecture, rawPixels } = teacher.params as EmaTeacherParams;
  const fitted = { train, size: encoderOf(teacher.modules, architecture).size };
  const linear = linearSeconds(fitted, { penalties: l2.count, folds });
  const layers = (rawPixels ? 2 : 1) * released.seeds.length;
  return {
    seconds: 0.5 + (rawPixels ? 3 : 2) * linear + layers * releasedSeconds(fitted) +
      2 * neighbourSeconds(fitted, testImages),
    disk: 40_000 + (3 * (folds + 1) + layers) * testImages,
    memory: 200_000_000 + 32 * train * fitted.size,
  };
}
