/**
 * How long the controls take: features that nobody trained, and their probes.
 *
 * @module
 */
import type { ControlsParams } from "../controls/params.ts";
import { learnDictionary, patchFeatures } from "../treenet/controls/patch_features.ts";
import type { Gauge } from "./gauge.ts";
import { featurePass, type Named, SIDE } from "./passes.ts";
import { evaluationSeconds, type Judged, linearSeconds, preparationSeconds } from "./probe_time.ts";
import { images } from "./synthetic.ts";

const BUDGET = { dictionary: 0.2, patches: 0.15 };
/** Patches measured with, where there are not more centroids. */
const PATCHES = 1000;
/** Products with the covariance until principal components are found, each with as many columns as there are classes. */
const PRODUCTS = 400;
const QUADRANTS = 4;

/** Seconds of the stage; `leaves` are those whose untrained outputs are probed. */
export async function controlSeconds(
  gauge: Gauge,
  params: ControlsParams,
  leaves: readonly (Named & { readonly leafSize: number })[],
): Promise<number> {
  const { trainImages: train, testImages: test, l2: { count: penalties }, patches, batch } = params;
  const probe = (size: number) => linearSeconds(gauge, { train, test, size }, { penalties, exact: true });
  let total = await probe(3 * params.pixelSide ** 2);
  total += await patchSeconds(gauge, params) + await probe(QUADRANTS * patches.centroids);
  for (const each of leaves) {
    const size = each.encoder.leaves * each.leafSize;
    total += (train + test) * await featurePass(gauge, each, { batch, cores: "one" });
    total += await componentSeconds(gauge, { train, test, size }) +
      await probe(Math.min(size, params.components));
  }
  return total;
}

async function patchSeconds(
  gauge: Gauge,
  { trainImages, testImages, patches }: ControlsParams,
): Promise<number> {
  const ops = gauge.power.one, source = { bytes: images(8, SIDE), side: SIDE };
  const count = Math.min(patches.count, Math.max(PATCHES, patches.centroids));
  const learn = (iterations: number) =>
    learnDictionary(source, { ...patches, count, iterations, ops, seed: 0 });
  const job = { units: patches.iterations, run: learn };
  const learning = await gauge.seconds("dictionary", job, { budget: BUDGET.dictionary });
  const dictionary = await learn(1);
  const units = 30;
  const run = (count: number) =>
    patchFeatures({ bytes: images(count, SIDE), side: SIDE }, dictionary, { ops });
  const encoding = await gauge.seconds("patches", { units, run }, { budget: BUDGET.patches }) / units;
  return patches.count / count * learning + (trainImages + testImages) * encoding;
}

/** Seconds of principal components: the covariance, and products with it. */
async function componentSeconds(gauge: Gauge, { train, size }: Judged): Promise<number> {
  return await preparationSeconds(gauge, { train, size }) +
    PRODUCTS / 2 * await evaluationSeconds(gauge, { train: size, size });
}
