/**
 * Estimated cost of encoding the images with the teacher and with the untrained network.
 *
 * @module
 */
import type { Estimate, EstimateContext } from "../../pipeline/stage.ts";
import { encoderOf, passSeconds } from "../../treenet/rates.ts";
import type { EmaTeacherParams } from "./params.ts";

const CORES = 2;

export function estimateEncoding(
  { trainImages, testImages, architecture, rawPixels }: EmaTeacherParams,
  { modules }: EstimateContext,
): Estimate {
  const encoder = encoderOf(modules, architecture);
  const networks = rawPixels ? 3 : 2;
  // Running statistics of a network that was never trained are measured first.
  const calibrated = encoder.specs.some(({ role }) => role === "buffer") ? trainImages : 0;
  const count = networks * (trainImages + testImages) + calibrated;
  const seconds = count * passSeconds(encoder) / CORES;
  return {
    seconds: 1 + seconds,
    units: { count, seconds },
    disk: networks * (trainImages + testImages) * encoder.size * 4,
    memory: 1_500_000_000,
  };
}
