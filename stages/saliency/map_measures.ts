/**
 * The part of the saliency stage that reads the leaves' outputs: probes, spread, selectivity, lesions.
 *
 * @module
 */
import { concat } from "../../formats/bytes.ts";
import { CLASSES } from "../../formats/cifar.ts";
import type { HalvedSpread } from "../../treenet/saliency/leaves/categories.ts";
import {
  decode,
  type DecodingReport,
  leafNumbers,
  type LeafOutputs,
  outputsOf,
} from "../../treenet/saliency/leaves/decoding.ts";
import type { Halves } from "../../treenet/saliency/leaves/halves.ts";
import { frozenProbe, type HalvedLesion, lesions } from "../../treenet/saliency/leaves/lesion.ts";
import type { Network } from "../../treenet/saliency/maps.ts";
import { selectivities, type Selectivity } from "../../treenet/saliency/leaves/selectivity.ts";
import { spreadOf } from "../../treenet/saliency/leaves/spread.ts";
import { type Job, pooledChannels, readLeafOutputs, readTrainEmbeddings, sampleImages } from "./inputs.ts";
import type { Loaded } from "./mapping.ts";

/** Measures with an entry for each leaf. */
export interface Measures {
  readonly decoding: DecodingReport;
  readonly spreads: readonly HalvedSpread[];
  readonly selectivities: Readonly<Record<"trained" | "untrained", readonly Selectivity[]>>;
  readonly lesions: readonly HalvedLesion[];
}

/** Measures the leaves of a tree. */
export async function measureLeaves(job: Job, loaded: Loaded): Promise<Measures> {
  const { context, teacher, params } = job;
  const { images: { labels }, halves } = loaded;
  const trained = await readLeafOutputs(teacher, "");
  const decoding = await decode(trained, await readLeafOutputs(teacher, "random_"), {
    labels,
    halves,
    classes: CLASSES.length,
    alpha: params.ridge,
    permutations: params.permutations,
    seed: params.sampleSeed,
    progress: (done, total) => {
      context.signal.throwIfAborted();
      context.progress(done, total, "leaves probed");
    },
  });
  return {
    decoding,
    spreads: leafNumbers(trained).map((leaf) => halvedSpread(trained, leaf, halves)),
    selectivities: selectivityOfBoth(job, loaded),
    lesions: await lesionEach(job, loaded, trained),
  };
}

function halvedSpread(outputs: LeafOutputs, leaf: number, halves: Halves): HalvedSpread {
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
  return { trained: of(trained), untrained: of(untrained) };
}

async function lesionEach(
  { context, teacher, params }: Job,
  { images: { labels }, halves, trained }: Loaded,
  outputs: LeafOutputs,
): Promise<readonly HalvedLesion[]> {
  const { embeddings, size, labels: trainLabels } = await readTrainEmbeddings(teacher);
  const probe = frozenProbe(embeddings, {
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
