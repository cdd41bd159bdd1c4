/**
 * The part of the saliency stage that reads the leaves' outputs: probes, spread, selectivity, lesions.
 *
 * @module
 */
import { concat } from "../../formats/bytes.ts";
import { CLASSES, SIDE } from "../../formats/cifar.ts";
import { encode } from "../../treenet/nn/features.ts";
import type { Weights } from "../../treenet/nn/parameters.ts";
import type { Twice } from "../../treenet/saliency/leaves/categories.ts";
import {
  decode,
  type HalvedDecoding,
  leafNumbers,
  type LeafOutputs,
  leafProbes,
  outputsOf,
  type ProbedLeaves,
} from "../../treenet/saliency/leaves/decoding.ts";
import type { Halves } from "../../treenet/saliency/leaves/halves.ts";
import { type HalvedLesion, lesions } from "../../treenet/saliency/leaves/lesion.ts";
import { ridgeClassifier } from "../../treenet/saliency/leaves/ridge.ts";
import type { Network } from "../../treenet/saliency/maps.ts";
import { selectivities, type Selectivity } from "../../treenet/saliency/leaves/selectivity.ts";
import { type Spread, spreadOf } from "../../treenet/saliency/leaves/spread.ts";
import {
  type Job,
  pooledChannels,
  readLeafOutputs,
  readProbeImages,
  readTrainEmbeddings,
  sampleImages,
} from "./inputs.ts";
import type { Loaded } from "./mapping.ts";

/** Measures with an entry for each leaf. */
export interface Measures {
  readonly decodings: readonly HalvedDecoding[];
  readonly spreads: readonly Twice<Spread>[];
  readonly selectivities: Readonly<Record<"after" | "before", readonly Selectivity[]>>;
  readonly lesions: readonly HalvedLesion[];
}

/** Training images encoded at once. */
const ENCODED = 100;

/** Measures the leaves of a tree. */
export async function measureLeaves(job: Job, loaded: Loaded): Promise<Measures> {
  const { images: { labels }, halves, weights } = loaded;
  const after = await probedLeaves(job, { weights: weights.after, prefix: "" });
  const before = await probedLeaves(job, { weights: weights.before, prefix: "random_" });
  const spread = ({ outputs }: ProbedLeaves, leaf: number) => halvedSpread(outputs, leaf, halves);
  return {
    decodings: decode(after, before, { labels, halves, classes: CLASSES.length }),
    spreads: leafNumbers(after.outputs)
      .map((leaf) => ({ after: spread(after, leaf), before: spread(before, leaf) })),
    selectivities: selectivityOfBoth(job, loaded),
    lesions: await lesionEach(job, loaded, after.outputs),
  };
}

/** Outputs on the test images, and probes that are fitted to outputs on training images. */
async function probedLeaves(
  job: Job,
  { weights, prefix }: { readonly weights: Weights; readonly prefix: "" | "random_" },
): Promise<ProbedLeaves> {
  const { context, encoder, ops, params, teacher } = job;
  const { images, labels } = await readProbeImages(job);
  const { leaves, leafSize } = await encode(encoder, weights, {
    images,
    ops,
    batch: ENCODED,
    size: SIDE,
    signal: context.signal,
    progress: (done) => context.progress(done, labels.length, `${prefix}leaves probed`),
  });
  return {
    outputs: await readLeafOutputs(teacher, prefix),
    probes: await leafProbes({ x: leaves!, leaves: encoder.leaves, size: leafSize! }, {
      labels,
      classes: CLASSES.length,
      alpha: params.ridge,
    }),
  };
}

function halvedSpread(
  outputs: LeafOutputs,
  leaf: number,
  halves: Halves,
): Readonly<Record<keyof Halves, Spread>> {
  const over = (rows: Int32Array) => spreadOf(outputsOf(outputs, leaf, rows), outputs.size);
  return { selection: over(halves.selection), measurement: over(halves.measurement) };
}

function selectivityOfBoth(
  { params }: Job,
  { images, halves, trained, untrained }: Loaded,
): Measures["selectivities"] {
  const sample = (rows: Int32Array) =>
    sampleImages(images, { rows, count: params.selectivityImages / 2, seed: params.sampleSeed });
  const [first, second] = [sample(halves.selection), sample(halves.measurement)];
  const count = first.labels.length;
  const labels = concat([first.labels, second.labels]);
  const rows = Int32Array.from(labels.keys());
  const of = (network: Network) =>
    selectivities(pooledChannels(network, concat([first.pixels, second.pixels]), params.batch), {
      labels,
      classes: CLASSES.length,
      halves: { selection: rows.subarray(0, count), measurement: rows.subarray(count) },
    });
  return { after: of(trained), before: of(untrained) };
}

async function lesionEach(
  { context, teacher, params }: Job,
  { images: { labels }, halves, trained }: Loaded,
  outputs: LeafOutputs,
): Promise<readonly HalvedLesion[]> {
  const { embeddings, size, labels: trainLabels } = await readTrainEmbeddings(teacher);
  const probe = await ridgeClassifier(embeddings, {
    labels: trainLabels,
    size,
    classes: CLASSES.length,
    alpha: params.ridge,
  });
  const on = (half: keyof Halves) =>
    lesions(trained, outputs, {
      meanOf: halves.selection,
      measuredOn: halves[half],
      labels,
      classes: CLASSES.length,
      probe,
      batch: 100,
      progress: () => context.signal.throwIfAborted(),
    });
  const [selection, measurement] = [on("selection"), on("measurement")];
  return selection.map((each, leaf) => ({ selection: each, measurement: measurement[leaf] }));
}
