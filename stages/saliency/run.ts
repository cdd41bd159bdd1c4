/**
 * The saliency stage from start to end: halve and map the images, measure and categorise the leaves, draw.
 *
 * @module
 */
import { join } from "node:path";
import type { Artifact, Context } from "../../pipeline/stage.ts";
import { writeCsv } from "../../formats/csv.ts";
import { classes } from "../../treenet/figures/palette.ts";
import { buildEncoder } from "../../treenet/network.ts";
import { type Backend, loadOps } from "../../treenet/ops/mod.ts";
import { categorize, countCategories, type LeafReport } from "../../treenet/saliency/leaves/categories.ts";
import type { Consistency } from "../../treenet/saliency/consistency.ts";
import { halvesOf } from "../../treenet/saliency/leaves/halves.ts";
import { worstOf } from "../../treenet/saliency/leaves/lesion.ts";
import { powerOf } from "../../treenet/saliency/leaves/power.ts";
import { mean } from "../../treenet/saliency/quantile.ts";
import {
  consistentLeaves,
  kindOf,
  KINDS,
  overlayTriples,
  type ShownLeaf,
} from "../../treenet/saliency/shown.ts";
import { bestClass, leafTable, pathTable } from "../../treenet/saliency/leaf_table.ts";
import type { Method } from "../../treenet/method.ts";
import type { Model } from "../../treenet/nn/types.ts";
import { type Job, networkOf, readTestImages, trainedWeights, untrainedWeights } from "./inputs.ts";
import { type Loaded, mapLeaves, type Mapped } from "./mapping.ts";
import { measureLeaves } from "./map_measures.ts";
import { writeDecodings, writeMaps, writeSanity } from "./saliency_outputs.ts";
import type { LeafInFigure, LeafSummary, SaliencyMeta, SaliencyParams } from "./params.ts";

/** Writes the artifact's files. */
export async function run(
  context: Context,
  params: SaliencyParams,
  inputs: Readonly<Record<"trained" | "teacher" | "data", Artifact<unknown>>>,
): Promise<SaliencyMeta> {
  const { default: model } = context.modules.model as { readonly default: Model };
  const { default: method } = context.modules.method as { readonly default: Method };
  const encoder = buildEncoder(model, params.architecture);
  const head = method.build(encoder.size, method.config.parse(params.heads));
  const ops = await loadOps(context.backend as Backend, context);
  try {
    return await examine({ context, params, ...inputs, encoder, head, ops });
  } finally {
    ops.close();
  }
}

async function examine(job: Job): Promise<SaliencyMeta> {
  const { context, params, encoder } = job;
  const images = await readTestImages(job);
  const weights = { after: await trainedWeights(job), before: await untrainedWeights(job) };
  using trained = networkOf(weights.after, job);
  using untrained = networkOf(weights.before, job);
  const halves = halvesOf(images.labels, params.sampleSeed);
  const loaded = { images, halves, trained, untrained, weights };
  const mapped = await mapLeaves(job, loaded);
  await writeSanity(context.out, mapped.cascade);
  const report = encoder.leaves > 1 ? reportTree : reportPath;
  return { ...factsOf(job, mapped), ...await report(job, { loaded, mapped }) };
}

type Facts = Pick<SaliencyMeta, "model" | "leaves" | "images" | "figureImages" | "methods" | "sanity">;

function factsOf(
  { params, encoder }: Job,
  { measured, shown, comparison, cascade, embedding }: Mapped,
): Facts {
  const { agreements } = comparison;
  return {
    model: params.model,
    leaves: encoder.leaves,
    images: measured,
    figureImages: shown.labels.length,
    methods: {
      embedding: mean(embedding.correlations),
      smoothGrad: mean(agreements.map(({ smoothGrad }) => smoothGrad)),
      integrated: mean(agreements.map(({ integrated }) => integrated)),
      completenessError: Math.max(...agreements.map(({ completenessError }) => completenessError)),
    },
    sanity: cascade.map(({ layer, spearman, ssim }) => ({
      layer,
      spearman: mean(spearman),
      ssim: mean(ssim),
    })),
  };
}

type Findings = Omit<SaliencyMeta, keyof Facts>;

interface Known {
  readonly loaded: Loaded;
  readonly mapped: Mapped;
}

/** Results of a tree: categories of its leaves, and figures of leaves chosen by them. */
async function reportTree(job: Job, { loaded, mapped }: Known): Promise<Findings> {
  const { context: { out }, params } = job;
  const { decodings, spreads, selectivities, lesions } = await measureLeaves(job, loaded);
  const draws = { draws: params.draws, seed: params.sampleSeed };
  const { rule, leaves } = categorize({ decodings, spreads, consistencies: mapped.consistencies }, draws);
  const further = leaves.map((_, leaf) => ({
    selectivity: { after: selectivities.after[leaf], before: selectivities.before[leaf] },
    lesion: lesions[leaf],
    agreement: mapped.comparison.agreements[leaf],
    embedding: mapped.embedding.correlations[leaf],
  }));
  await writeCsv(join(out, "leaves.csv"), leafTable(leaves, further));
  await writeDecodings(out, decodings, loaded.halves);
  const overlays = overlayTriples(leaves, params.overlays);
  const consistent = consistentLeaves(leaves, params.specialists);
  const specialists = consistent.every(({ category }) => category === "consistent specialist");
  await writeMaps(out, mapped.shown, {
    comparison: mapped.comparison,
    embedding: mapped.embedding,
    shown: {
      overlays,
      maps: consistent.map((leaf) => ({ leaf, notes: notesOn(leaves[leaf.leaf]) })),
      remark: specialists
        ? undefined
        : "No leaf is a consistent specialist: these are the most consistent of all leaves.",
    },
  });
  return {
    categories: countCategories(leaves),
    rule,
    power: powerOf(decodings, {
      rule,
      learned: leaves.map(({ tests }) => tests.learned.adjusted <= rule.level),
      seed: params.sampleSeed,
    }),
    each: leaves.map(summaryOf),
    effects: {
      lesion: mean(lesions.map(({ measurement }) => measurement.accuracy)),
      worstLesion: worstOf(lesions),
      selectivity: mean(selectivities.after.map(({ mean }) => mean)),
      untrainedSelectivity: mean(selectivities.before.map(({ mean }) => mean)),
      images: loaded.halves.measurement.length,
    },
    figure3: {
      panels: overlays.map((triple) => triple.filter((leaf) => leaf !== undefined).map(inMeta)),
      absent: KINDS.filter((kind) => !leaves.some(({ category }) => kindOf(category) === kind)),
    },
    figure4: { leaves: consistent.map(inMeta), specialists },
  };
}

function summaryOf({ leaf, category, favoured, tests, selection, measurement }: LeafReport): LeafSummary {
  return {
    leaf,
    category,
    accuracy: { after: measurement.after.accuracy, before: measurement.before.accuracy },
    discordant: selection.learned.discordant,
    onlyAfterRight: selection.learned.better,
    tests,
    favoured: favoured.classes,
    favouredGain: measurement.contrast.own,
    othersGain: measurement.contrast.others,
    concentration: measurement.concentration,
    gains: [...measurement.gains],
    gainErrors: [...measurement.gainErrors],
  };
}

/** Results of a single path: without leaves to compare, its map is shown. */
async function reportPath(
  { context: { out } }: Job,
  { mapped: { consistencies, comparison, shown, embedding } }: Known,
): Promise<Findings> {
  await writeCsv(
    join(out, "leaves.csv"),
    pathTable(consistencies, { agreements: comparison.agreements, embedding: embedding.correlations }),
  );
  const only: ShownLeaf = { leaf: 0 };
  await writeMaps(out, shown, {
    comparison,
    embedding,
    shown: {
      overlays: [[only]],
      maps: [{ leaf: only, notes: followNotes(consistencies[0].measurement.after) }],
    },
  });
  return {
    categories: null,
    rule: null,
    power: null,
    each: null,
    effects: null,
    figure3: { panels: [[inMeta(only)]], absent: [] },
    figure4: { leaves: [inMeta(only)], specialists: false },
  };
}

/**
 * Notes on a leaf: its class, chosen on the selection half; its gain (± half of the 95% interval) and ρ,
 * measured on the measurement half.
 */
function notesOn(report: LeafReport): readonly string[] {
  const { measurement: { gains, gainErrors, after } } = report;
  const best = bestClass(report);
  const signed = (gain: number) => `${gain < 0 ? "−" : "+"}${Math.abs(gain).toFixed(2)}`;
  const known = best === undefined ? ["no gain on any class"] : [
    `AUROC of ${classes[best].name}`,
    `${signed(gains[best])} ± ${(NORMAL * gainErrors[best]).toFixed(2)}`,
  ];
  return [...known, ...followNotes(after.consistency)];
}

/** 97.5% point of the standard normal. */
const NORMAL = 1.96;

function followNotes({ flipCorrelation, jitterCorrelation }: Consistency): readonly string[] {
  return [`ρ flip ${flipCorrelation.toFixed(2)}, jitter ${jitterCorrelation.toFixed(2)}`];
}

function inMeta({ leaf, category }: ShownLeaf): LeafInFigure {
  return { leaf, category: category ?? null };
}
