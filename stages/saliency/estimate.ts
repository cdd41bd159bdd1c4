/**
 * Estimated cost of mapping the leaves and measuring their maps.
 *
 * @module
 */
import type { Estimate, EstimateContext } from "../../pipeline/stage.ts";
import { encoderOf, passSeconds } from "../../treenet/rates.ts";
import type { EmaTeacherParams } from "../ema_teacher/params.ts";
import type { SaliencyParams } from "./params.ts";

const SURVEYS = 4; // maps of an image: plain, flipped, jittered, untrained
const MAP = 3; // passes: one forward, two backward
/** Seconds of one leaf on one image: in the probes of single leaves, and in the measures of consistency. */
const LEAF = { decoded: 3e-4, compared: 1e-3 };

export function estimateSaliency(
  params: SaliencyParams,
  { modules, inputs: { teacher } }: EstimateContext,
): Estimate {
  const { images, figureImages, selectivityImages, sanityImages, smoothSamples, integrationSteps } = params;
  const encoder = encoderOf(modules, params.architecture), { leaves } = encoder;
  const layers = encoder.specs.filter(({ decay }) => decay).length;
  const count = SURVEYS * images + figureImages * (1 + smoothSamples + integrationSteps) +
    sanityImages * (1 + layers);
  const seconds = MAP * count * passSeconds(encoder);
  const decoded = leaves === 1 ? 0 : (teacher.params as EmaTeacherParams).testImages;
  const measured = leaves * (LEAF.compared * images + LEAF.decoded * decoded);
  return {
    seconds: 1 + seconds + measured + 2 * selectivityImages * passSeconds(encoder),
    units: { count, seconds },
    disk: 4_000_000,
    memory: 800_000_000,
  };
}
