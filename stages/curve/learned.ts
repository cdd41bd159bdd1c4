/**
 * Reads the artifacts of `curve`: the lines to draw, with an interval for each accuracy, and the changes from
 * the start of a training to its end.
 *
 * @module
 */
import { join } from "node:path";
import type { Artifact } from "../../pipeline/stage.ts";
import type { CurveMeta } from "./params.ts";
import { readNpy } from "../../formats/npy.ts";
import { wilsonInterval } from "../../treenet/probe/metrics.ts";
import { type CrossedMean, crossedMean } from "../../treenet/statistics/crossed.ts";
import { correctness, difference } from "../../treenet/statistics/paired.ts";
import type { Page } from "../section.ts";
import type { Curve, Log, Quantity } from "../../treenet/figures/curves.ts";

/** Last − first, on the same test images. */
export interface Changes {
  readonly embedding: CrossedMean;
  /** Only for nets with several leaves. */
  readonly leaves?: CrossedMean;
}

const always = { required: true };
const maybe = { required: false };

/** Columns of `curve.csv` that are drawn. */
export const learningQuantities: readonly Quantity[] = [
  { column: "test_linear", title: "Linear accuracy, embedding, test images", images: "tested", ...always },
  {
    column: "test_linear_leaves",
    title: "Linear accuracy, leaf outputs, test images",
    images: "tested",
    ...maybe,
  },
  {
    column: "validation_linear",
    title: "Linear accuracy, embedding, validation",
    images: "validated",
    ...maybe,
  },
  {
    column: "validation_linear_leaves",
    title: "Linear accuracy, leaf outputs, validation",
    images: "validated",
    ...maybe,
  },
  { column: "validation_knn", title: "k-NN accuracy, embedding, validation", images: "validated", ...maybe },
  { column: "rankme", title: "Effective rank of the embedding (RankMe)", ...maybe },
];

/** The curve of a `curve` artifact, from its curve.csv, with `<column>_low` and `<column>_high` of every accuracy. */
export async function readLearning(artifact: Artifact<CurveMeta>, page: Page): Promise<Curve> {
  const curve = await page.readCurve(artifact, { file: "curve.csv", quantities: learningQuantities });
  return { ...curve, log: { ...curve.log, ...intervals(curve.log, artifact.meta) } };
}

function intervals(log: Log, { validated, tested }: CurveMeta): Log {
  const bounds = learningQuantities.flatMap(({ column, images }) => {
    if (images === undefined || log[column] === undefined) return [];
    const n = images === "tested" ? tested : validated;
    const found = log[column].map((share) => Number.isNaN(share) ? [NaN, NaN] : wilsonInterval(share, n));
    return [[`${column}_low`, found.map(([low]) => low)], [`${column}_high`, found.map(([, high]) => high)]];
  });
  return Object.fromEntries(bounds);
}

/** Changes by the classes that the first and the last probe gave to the same test images. */
export async function readChanges({ dir }: Artifact<CurveMeta>): Promise<Changes> {
  const { shape: [moments, probes, n], data } = await readNpy(join(dir, "predictions.npy"), "uint8");
  const labels = (await readNpy(join(dir, "labels_test.npy"), "uint8")).data;
  const answers = (moment: number, probe: number) => {
    const at = (moment * probes + probe) * n;
    return correctness([data.subarray(at, at + n)], labels);
  };
  const change = (probe: number): CrossedMean =>
    crossedMean(difference(answers(moments - 1, probe), answers(0, probe)));
  return { embedding: change(0), ...probes > 1 && { leaves: change(1) } };
}
