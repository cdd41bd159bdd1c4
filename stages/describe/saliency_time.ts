/**
 * How long the saliency stage takes: maps by the model itself, and what is done with them.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { upload } from "../treenet/parameters.ts";
import { layersOf, similarities } from "../treenet/saliency/cascade.ts";
import { consistencyOf } from "../treenet/saliency/consistency.ts";
import { decode } from "../treenet/saliency/decoding.ts";
import { halvesOf } from "../treenet/saliency/halves.ts";
import { embed } from "../treenet/saliency/lesion.ts";
import { SURVEY_PASSES } from "../treenet/saliency/survey.ts";
import type { SaliencyParams } from "../saliency/params.ts";
import type { Gauge } from "./gauge.ts";
import { featurePass, mapPass, type Named, SIDE } from "./passes.ts";
import { features, weights } from "./synthetic.ts";

const CLASSES = 10;
const BUDGET = 0.15;

/** Seconds of the stage; `tested` are the images whose leaf outputs are kept. */
export async function saliencySeconds(
  gauge: Gauge,
  named: Named,
  { params, tested, leafSize }: {
    readonly params: SaliencyParams;
    readonly tested: number;
    readonly leafSize: number;
  },
): Promise<number> {
  const { encoder } = named, { leaves } = encoder;
  const { batch, images, figureImages, sanityImages, smoothSamples, integrationSteps } = params;
  const layers = layersOf(encoder.specs).length;
  const mapped = SURVEY_PASSES * images + figureImages * (1 + smoothSamples + integrationSteps) +
    sanityImages * (1 + layers);
  const maps = mapped * await mapPass(gauge, named, { batch });
  const ranks = images * leaves * await consistencySeconds(gauge, params.images);
  const sanity = layers * sanityImages * leaves * await similaritySeconds(gauge);
  if (leaves === 1) return maps + ranks + sanity;
  const probes = 2 * leaves * tested * await decodingSeconds(gauge, { ...params, leafSize });
  const pooled = 2 * params.selectivityImages * await featurePass(gauge, named, { batch, cores: "one" });
  const lesions = leaves * tested / 2 * await joinSeconds(gauge, named, { batch, leafSize });
  return maps + ranks + sanity + probes + pooled + lesions;
}

/** Of one image's maps of one leaf, in all that consistency is measured by. */
async function consistencySeconds(gauge: Gauge, images: number): Promise<number> {
  const units = Math.min(40, images / 2);
  const run = (count: number) => {
    const labels = Uint8Array.from({ length: count }, (_, i) => i % CLASSES);
    const maps = Array.from({ length: count }, (_, i) => mapsOf(1, i));
    const sets = { plain: maps, flipped: maps, jittered: maps, untrained: maps };
    consistencyOf(sets, { labels, seed: 0, permutations: 200 });
  };
  return await gauge.seconds(`consistency ${units}`, { units, from: 10, run }, { budget: BUDGET }) / units;
}

/** Of one map, before and after a layer is made random. */
async function similaritySeconds(gauge: Gauge): Promise<number> {
  const units = 40;
  const run = (count: number) => similarities(mapsOf(count, 0), mapsOf(count, 1), { leaves: 1, side: SIDE });
  return await gauge.seconds("similarities", { units, from: 10, run }, { budget: BUDGET }) / units;
}

/** Of one leaf on one image, in the probes of single leaves. */
async function decodingSeconds(
  gauge: Gauge,
  { leafSize, ridge, permutations }: Pick<SaliencyParams, "ridge" | "permutations"> & {
    readonly leafSize: number;
  },
): Promise<number> {
  const units = 1000;
  const run = async (count: number) => {
    const { x, labels } = features(count, leafSize);
    const outputs = { x: Float32Array.from(x), leaves: 1, size: leafSize };
    const halves = halvesOf(labels, 0);
    await decode(outputs, outputs, { labels, halves, classes: CLASSES, alpha: ridge, permutations, seed: 0 });
  };
  const name = `decoding ${leafSize} ${permutations}`;
  return await gauge.seconds(name, { units, from: 60, run }, { budget: BUDGET }) / (2 * units);
}

/** Of one image's leaf outputs through the join. */
async function joinSeconds(
  gauge: Gauge,
  { name, encoder }: Named,
  { batch, leafSize }: { readonly batch: number; readonly leafSize: number },
): Promise<number> {
  const params = upload(encoder.specs, weights(encoder.specs)), { leaves } = encoder;
  try {
    const run = (count: number) => {
      const x = Float32Array.from(features(count, leaves * leafSize).x);
      embed({ encoder, params, ops: gauge.power.one }, { x, leaves, size: leafSize }, batch);
    };
    return await gauge.seconds(`join ${name} ${batch}`, { units: batch, run }, { budget: 0.05 }) / batch;
  } finally {
    tf.dispose(Object.values(params));
  }
}

function mapsOf(count: number, seed: number): Float32Array {
  return Float32Array.from(features(count, SIDE * SIDE).x, (value, i) => value + (i * (seed + 7)) % 11);
}
