/**
 * The part of the saliency stage that takes gradients: consistency, figures, other methods, sanity check.
 *
 * @module
 */
import { SIDE } from "../../formats/cifar.ts";
import { initialise, type Weights } from "../../treenet/nn/parameters.ts";
import { type CascadeStep, layersOf, randomised, similarities } from "../../treenet/saliency/cascade.ts";
import { compareMethods, type Comparison, meanCorrelation } from "../../treenet/saliency/map_comparison.ts";
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
import { type Job, networkOf, sampleImages, specsWithHead, type TestImages } from "./inputs.ts";

/** The images and both networks. */
export interface Loaded {
  readonly images: TestImages;
  readonly halves: Halves;
  readonly trained: Network;
  readonly untrained: Network;
  /** Weights of both networks. */
  readonly weights: Readonly<Record<"after" | "before", Weights>>;
}

/** Maps of the embedding: the same gradients of its sum instead of that of the head's outputs. */
export interface EmbeddingMaps {
  /** [n, m, side, side], of the images shown. */
  readonly maps: Float32Array;
  /** Rank correlation with the maps of the head's outputs, for each leaf: mean over the images of the measurement half. */
  readonly correlations: readonly number[];
}

/** Results that come from gradients. */
export interface Mapped {
  readonly consistencies: readonly HalvedConsistency[];
  readonly shown: FigureImages;
  readonly comparison: Comparison;
  readonly embedding: EmbeddingMaps;
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
    embedding: await embeddingMaps(trained, { shown: pixels, compared: measured.measurement.pixels }, {
      ...options,
      progress: () => context.signal.throwIfAborted(),
    }),
    cascade: await randomise(job, loaded, sample(halves.measurement, params.sanityImages)),
    measured: surveyed / SURVEY_PASSES,
  };
}

async function embeddingMaps(
  trained: Network,
  { shown, compared }: Readonly<Record<"shown" | "compared", Uint8Array>>,
  options: MapOptions,
): Promise<EmbeddingMaps> {
  const inner = { ...trained, outputs: undefined };
  const [own, other] = [
    await mapImages(trained, compared, options),
    await mapImages(inner, compared, options),
  ];
  const { leaves } = trained.encoder;
  return {
    maps: await mapImages(inner, shown, options),
    correlations: Array.from(
      { length: leaves },
      (_, leaf) => meanCorrelation(own, other, { leaf, leaves, size: options.side ** 2 }),
    ),
  };
}

/** The maps of `images` after each step of the sanity check, compared with those of the trained network. */
async function randomise(
  job: Job,
  { trained, weights }: Loaded,
  { pixels }: TestImages,
): Promise<readonly CascadeStep[]> {
  const { context, params, encoder } = job;
  const options = { side: SIDE, batch: params.batch };
  const before = await mapImages(trained, pixels, options);
  const specs = specsWithHead(job);
  const fresh = initialise(specs, FRESH);
  const layers = layersOf(specs);
  const steps: CascadeStep[] = [];
  for (let depth = 1; depth <= layers.length; depth++) {
    context.signal.throwIfAborted();
    using network = networkOf(randomised(weights.after, fresh, { layers, depth }), job);
    const after = await mapImages(network, pixels, options);
    const found = similarities(before, after, { leaves: encoder.leaves, side: SIDE });
    steps.push({ depth, layer: layers[layers.length - depth].name, ...found });
  }
  return steps;
}
