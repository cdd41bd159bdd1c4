/**
 * The saliency stage's story: sample images, map them, measure the leaves, categorise them, draw.
 *
 * @module
 */
import { join } from "node:path";
import type { Artifact, Context } from "../../pipeline/types.ts";
import { CLASSES, SIDE } from "../formats/cifar.ts";
import { writeCsv } from "../formats/csv.ts";
import { categorize, countCategories, type LeafReport } from "../treenet/saliency/categories.ts";
import type { Consistency } from "../treenet/saliency/consistency.ts";
import { decode, leafNumbers, outputsOf } from "../treenet/saliency/decoding.ts";
import type { FigureImages } from "../treenet/saliency/figures.ts";
import {
  consistentLeaves,
  kindOf,
  KINDS,
  overlayTriples,
  type ShownLeaf,
} from "../treenet/saliency/shown.ts";
import { spreadOf } from "../treenet/saliency/spread.ts";
import { mapImages, SURVEY_PASSES, surveyConsistency } from "../treenet/saliency/survey.ts";
import { bestClass, leafTable, nullTable, pathTable } from "../treenet/saliency/table.ts";
import type { Encoder, Ops } from "../treenet/types.ts";
import { loadNetwork, readLeafOutputs, readTestLabels, sampleImages } from "./inputs.ts";
import type { LeafInFigure, SaliencyMeta } from "./meta.ts";
import { writeMaps } from "./outputs.ts";

export interface Job {
  readonly context: Context;
  readonly params: SurveyParams;
  readonly teacher: Artifact<unknown>;
  readonly data: Artifact<unknown>;
  readonly encoder: Encoder;
  readonly ops: Ops;
}

/** The stage's parameters, as it documents them. */
export interface SurveyParams {
  readonly model: string;
  readonly images: number;
  readonly figureImages: number;
  readonly batch: number;
  readonly overlays: number;
  readonly specialists: number;
  readonly ridge: number;
  readonly permutations: number;
  readonly sampleSeed: number;
}

interface Mapped {
  readonly consistencies: readonly Consistency[];
  readonly shown: FigureImages;
  readonly measured: number;
}

/** Does the stage's work; the caller closes `ops`. */
export async function survey(job: Job): Promise<SaliencyMeta> {
  const mapped = await mapLeaves(job);
  const facts = {
    model: job.params.model,
    leaves: job.encoder.leaves,
    images: mapped.measured,
    figureImages: mapped.shown.labels.length,
  };
  const report = job.encoder.leaves > 1 ? reportTree : reportPath;
  return { ...facts, ...await report(job, mapped) };
}

async function mapLeaves({ context, params, teacher, data, encoder, ops }: Job): Promise<Mapped> {
  const sample = (count: number) => sampleImages({ teacher, data }, { count, seed: params.sampleSeed });
  const measured = await sample(params.images);
  const { pixels, ...shown } = await sample(params.figureImages);
  using trained = await loadNetwork(teacher, { file: "teacher.safetensors", encoder, ops });
  using untrained = await loadNetwork(teacher, { file: "random.safetensors", encoder, ops });
  const before = SURVEY_PASSES * measured.labels.length;
  const after = (passed: number) => (done: number) => {
    context.signal.throwIfAborted();
    context.progress(passed + done, before + shown.labels.length, "images mapped");
  };
  const options = { side: SIDE, batch: params.batch, seed: params.sampleSeed };
  const consistencies = await surveyConsistency({ trained, untrained }, measured, {
    ...options,
    progress: after(0),
  });
  const maps = await mapImages(trained, pixels, { ...options, progress: after(before) });
  return {
    consistencies,
    shown: { ...shown, images: pixels, maps, leaves: encoder.leaves, side: SIDE },
    measured: measured.labels.length,
  };
}

type Findings = Pick<SaliencyMeta, "categories" | "rule" | "figure3" | "figure4">;

/** A tree: categories of its leaves, and figures of leaves chosen by them. */
async function reportTree(job: Job, { consistencies, shown }: Mapped): Promise<Findings> {
  const { context: { out }, params } = job;
  const measures = await measureOutputs(job);
  const { rule, leaves } = categorize({ ...measures, consistencies });
  await writeCsv(join(out, "leaves.csv"), leafTable(leaves));
  await writeCsv(join(out, "null_leaves.csv"), nullTable(measures.decoding.null));
  const overlays = overlayTriples(leaves, params.overlays);
  const consistent = consistentLeaves(leaves, params.specialists);
  await writeMaps(out, shown, {
    overlays,
    maps: consistent.map((leaf) => ({ leaf, notes: notesOn(leaves[leaf.leaf]) })),
  });
  return {
    categories: countCategories(leaves),
    rule,
    figure3: {
      panels: overlays.map((triple) => triple.map(inMeta)),
      absent: KINDS.filter((kind) => !leaves.some(({ category }) => kindOf(category) === kind)),
    },
    figure4: {
      leaves: consistent.map(inMeta),
      specialists: consistent.every(({ category }) => category === "consistent specialist"),
    },
  };
}

/** A single path: there are no leaves to compare, its map is shown. */
async function reportPath({ context: { out } }: Job, { consistencies, shown }: Mapped): Promise<Findings> {
  await writeCsv(join(out, "leaves.csv"), pathTable(consistencies));
  const only: ShownLeaf = { leaf: 0 };
  await writeMaps(out, shown, {
    overlays: [[only]],
    maps: [{ leaf: only, notes: followNotes(consistencies[0]) }],
  });
  return {
    categories: null,
    rule: null,
    figure3: { panels: [[inMeta(only)]], absent: [] },
    figure4: { leaves: [inMeta(only)], specialists: false },
  };
}

async function measureOutputs({ teacher, params }: Job) {
  const trained = await readLeafOutputs(teacher, "");
  const decoding = await decode(trained, await readLeafOutputs(teacher, "random_"), {
    labels: await readTestLabels(teacher),
    classes: CLASSES.length,
    alpha: params.ridge,
    permutations: params.permutations,
    seed: params.sampleSeed,
  });
  const spreads = leafNumbers(trained).map((leaf) => spreadOf(outputsOf(trained, leaf), trained.size));
  return { decoding, spreads };
}

function notesOn({ gains, consistency }: LeafReport): readonly string[] {
  const best = bestClass(gains);
  return [best === "" ? "no gain on any class" : `gains most on ${best}`, ...followNotes(consistency)];
}

function followNotes({ flipCorrelation, jitterCorrelation }: Consistency): readonly string[] {
  return [`ρ flip ${flipCorrelation.toFixed(2)}, jitter ${jitterCorrelation.toFixed(2)}`];
}

function inMeta({ leaf, category }: ShownLeaf): LeafInFigure {
  return { leaf, category: category ?? null };
}
