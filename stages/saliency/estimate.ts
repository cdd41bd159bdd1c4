/**
 * Estimated cost of mapping the leaves and measuring their maps.
 *
 * @module
 */
import type { Estimate, EstimateContext } from "../../pipeline/stage.ts";
import { encoderOf, passSeconds } from "../../treenet/rates.ts";
import type { EmaTeacherParams } from "../ema_teacher/params.ts";
import type { SaliencyParams } from "./params.ts";

const SURVEYS = 6; // maps of an image: plain, flipped, jittered, by both networks; of the embedding, twice for half
const MAP = 3; // passes: one forward, two backward
/** Seconds of one leaf on one image, both networks: to fit its probe, to score it, and in the measures of consistency. */
const LEAF = { fitted: 4e-5, decoded: 1e-4, compared: 3e-3 };
/** Seconds of the draws: of one leaf's even learners, and of the power. */
const DRAWN = { leaf: 0.2, power: 3 };

export function estimateSaliency(
  params: SaliencyParams,
  { modules, inputs: { teacher } }: EstimateContext,
): Estimate {
  const {
    images,
    probeImages,
    figureImages,
    selectivityImages,
    sanityImages,
    smoothSamples,
    integrationSteps,
  } = params;
  const encoder = encoderOf(modules, params.architecture), { leaves } = encoder;
  const layers = encoder.specs.filter(({ decay }) => decay).length;
  const count = (SURVEYS + 1) * images + figureImages * (2 + smoothSamples + integrationSteps) +
    sanityImages * (1 + layers);
  const seconds = MAP * count * passSeconds(encoder);
  const { testImages } = teacher.params as EmaTeacherParams;
  const compared = leaves * LEAF.compared * images;
  const measured = leaves === 1
    ? 0
    : 2 * (selectivityImages + probeImages) * passSeconds(encoder) + DRAWN.power +
      leaves * (LEAF.fitted * probeImages + LEAF.decoded * testImages + DRAWN.leaf);
  return {
    seconds: 1 + seconds + compared + measured,
    units: { count, seconds },
    disk: 4_000_000,
    memory: 800_000_000,
  };
}
