/**
 * The part of the saliency stage that takes gradients: consistency, figures, other methods, sanity check.
 *
 * @module
 */
import { SIDE } from "../../formats/cifar.ts";
import { initialise, type Weights } from "../../treenet/nn/parameters.ts";
import { type CascadeStep, layersOf, randomised, similarities } from "../../treenet/saliency/cascade.ts";
import { compareMethods, type Comparison } from "../../treenet/saliency/map_comparison.ts";
import type { FigureImages } from "../../treenet/saliency/saliency_figures.ts";
import type { Halves } from "../../treenet/saliency/leaves/halves.ts";
import type { Network } from "../../treenet/saliency/maps.ts";
import {
  type HalvedConsistency,
  mapImages,
  type MapOptions,
  SURVEY_PASSES,
  surveyConsistency,
} from "../../treenet/saliency/map_images.ts";
import { type Job, networkOf, sampleImages, type TestImages } from "./inputs.ts";

/** The images and both networks. */
export interface Loaded {
  readonly images: TestImages;
  readonly halves: Halves;
  readonly trained: Network;
  readonly untrained: Network;
  /** Weights of the trained network; `untrainedWeights` are those before training. */
  readonly weights: Weights;
  readonly untrainedWeights: Weights;
}

/** Results that come from gradients. */
export interface Mapped {
  readonly consistencies: readonly HalvedConsistency[];
  readonly shown: FigureImages;
  readonly comparison: Comparison;
  readonly cascade: readonly CascadeStep[];
  /** Number of images behind `consistencies`, both halves together. */
  readonly measured: number;
}

/** Number of the random stream of the sanity check's fresh weights, so that no training starts from them. */
const FRESH = 0xad_a6_a0;

export async function mapLeaves(job: Job, loaded: Loaded): Promise<Mapped> {
  const { context, params, encoder } = job;
  const { halves, trained, untrained } = loaded;
  const sample = (rows: Int32Array, count: number) =>
    sampleImages(loaded.images, { rows, count, seed: params.sampleSeed });
  const measured = {
    selection: sample(halves.selection, params.images / 2),
    measurement: sample(halves.measurement, params.images / 2),
  };
  const { pixels, ...shown } = sample(halves.measurement, params.figureImages);
  const surveyed = SURVEY_PASSES * (measured.selection.labels.length + measured.measurement.labels.length);
  const options: MapOptions = {
    side: SIDE,
    batch: params.batch,
    progress: (done) => {
      context.signal.throwIfAborted();
      context.progress(done, surveyed, "images mapped");
    },
  };
  const consistencies = await surveyConsistency({ trained, untrained }, measured, {
    ...options,
    seed: params.sampleSeed,
  });
  const maps = await mapImages(trained, pixels, { ...options, progress: undefined });
  const comparison = compareMethods(trained, { pixels, gradients: maps }, {
    side: SIDE,
    samples: params.smoothSamples,
    steps: params.integrationSteps,
    seed: params.sampleSeed,
  });
  return {
    consistencies,
    shown: { ...shown, images: pixels, maps, leaves: encoder.leaves, side: SIDE },
    comparison,
    cascade: await randomise(job, loaded, sample(halves.measurement, params.sanityImages)),
    measured: surveyed / SURVEY_PASSES,
  };
}

/** The maps of `images` after each step of the sanity check, compared with those of the trained network. */
async function randomise(
  { context, params, encoder, ops }: Job,
  { trained, weights }: Loaded,
  { pixels }: TestImages,
): Promise<readonly CascadeStep[]> {
  const options = { side: SIDE, batch: params.batch };
  const before = await mapImages(trained, pixels, options);
  const fresh = initialise(encoder.specs, FRESH);
  const layers = layersOf(encoder.specs);
  const steps: CascadeStep[] = [];
  for (let depth = 1; depth <= layers.length; depth++) {
    context.signal.throwIfAborted();
    using network = networkOf(randomised(weights, fresh, { layers, depth }), { encoder, ops });
    const after = await mapImages(network, pixels, options);
    const found = similarities(before, after, { leaves: encoder.leaves, side: SIDE });
    steps.push({ depth, layer: layers[layers.length - depth].name, ...found });
  }
  return steps;
}
