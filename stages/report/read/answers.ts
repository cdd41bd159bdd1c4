/**
 * Predictions of every probe for the test images, by probed features and by seed, to be compared in pairs.
 *
 * @module
 */
import { join } from "node:path";
import type { Artifact } from "../../../pipeline/stage.ts";
import { readNpy } from "../../../formats/npy.ts";
import { modelOf, seedOf } from "../../section.ts";
import { type Predicted, predictedBy } from "../../../treenet/probe/prediction_rows.ts";
import type { Crossed } from "../../../treenet/statistics/crossed.ts";
import { correctness } from "../../../treenet/statistics/paired.ts";
import { type LayersRead, ordered, type ProbeMeta, type Sources } from "./sources.ts";

/** Seed → predicted class of every test image, by the probe and by its repetitions. */
export type BySeed = ReadonlyMap<number, Predicted>;

/** Predictions on the same test images. */
export interface Answers {
  /** [n] */
  readonly labels: Uint8Array;
  /** Id of the probed features, see {@linkcode probed} and {@linkcode controlled} → their predictions. */
  readonly judged: ReadonlyMap<string, BySeed>;
}

/** Id of a model under an evaluation of `probe`: `teacher`, `random`, `released`, `raw`, `released-raw`. */
export function probed(model: string, row: string): string {
  return `${model} ${row}`;
}

/** Id of a control without a model of its own, by its place in its artifact. */
export function controlled(row: number): string {
  return `control ${row}`;
}

/** Id of a layer of a model in a reading of `layer-probe`. */
export function layerOf(model: string, { layer, reading }: LayersRead["predictions"][number]): string {
  return `${model} ${layer}: ${reading}`;
}

/** Reads the predictions; undefined without predictions, or without labels to compare them with. */
export async function readAnswers(sources: Sources): Promise<Answers | undefined> {
  const [first] = ordered(sources.probes);
  const teacher = first && teacherOf(first, sources);
  if (teacher === undefined) return undefined;
  const { labels, index } = await readTest(teacher);
  const judged = new Map<string, Map<number, Predicted>>();
  const add = (what: string, seed: number, predictions: Predicted) =>
    judged.set(what, (judged.get(what) ?? new Map()).set(seed, predictions));
  for (const probe of ordered(sources.probes)) {
    if (!sameImages(await readTest(teacherOf(probe, sources)!), index)) continue;
    const rows = await readRows(probe, labels.length);
    for (const [of, predicted] of predictedBy(probe.meta.predictions, rows)) {
      add(probed(modelOf(probe), of), seedOf(probe), predicted);
    }
  }
  for (const controls of ordered(sources.controls)) {
    if (!sameImages(await readTest(controls), index)) continue;
    const rows = await readRows(controls, labels.length);
    for (const [of, predicted] of predictedBy(controls.meta.predictions, rows)) {
      add(controlled(of), seedOf(controls), predicted);
    }
  }
  for (const probe of ordered(sources.layerProbes)) {
    if (!sameImages(await readTest(probe), index)) continue;
    const rows = await readRows(probe, labels.length);
    for (const row of probe.meta.predictions) {
      const repetitions = rows.filter((_, at) =>
        layerOf("", probe.meta.predictions[at]) === layerOf("", row)
      );
      add(layerOf(modelOf(probe), row), seedOf(probe), { repetitions });
    }
  }
  return { labels, judged };
}

/** Correct answers over the given seeds, or over all; undefined if predictions of a seed are missing. */
export function answersOf(
  { judged, labels }: Answers,
  what: string,
  seeds?: readonly number[],
): Crossed | undefined {
  const bySeed = judged.get(what);
  if (bySeed === undefined) return undefined;
  const found = (seeds ?? [...bySeed.keys()]).map((seed) => bySeed.get(seed));
  if (found.length === 0 || found.includes(undefined)) return undefined;
  return correctness(found as readonly Predicted[], labels);
}

function teacherOf(probe: Artifact<ProbeMeta>, { teachers }: Sources): Artifact<unknown> | undefined {
  return teachers.find((each) => modelOf(each) === modelOf(probe) && seedOf(each) === seedOf(probe));
}

interface TestImages {
  readonly labels: Uint8Array;
  readonly index: Int32Array;
}

async function readTest({ dir }: Artifact<unknown>): Promise<TestImages> {
  const { data: labels } = await readNpy(join(dir, "labels_test.npy"), "uint8");
  const { data: index } = await readNpy(join(dir, "index_test.npy"), "int32");
  return { labels, index };
}

function sameImages({ index }: TestImages, as: Int32Array): boolean {
  return index.length === as.length && index.every((image, i) => image === as[i]);
}

/** Rows of predictions.npy. */
async function readRows({ dir }: Artifact<unknown>, images: number): Promise<readonly Uint8Array[]> {
  const { shape, data } = await readNpy(join(dir, "predictions.npy"), "uint8");
  return Array.from({ length: shape[0] }, (_, row) => data.subarray(row * images, (row + 1) * images));
}
