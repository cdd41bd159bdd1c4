/**
 * Reads the artifacts of `curve`: the lines to draw, with an interval for each accuracy, and the changes from
 * the start of a training to its end.
 *
 * @module
 */
import { join } from "node:path";
import type { Artifact } from "../../pipeline/types.ts";
import type { CurveMeta } from "../curve.ts";
import { readNpy } from "../formats/npy.ts";
import { wilsonInterval } from "../treenet/probe/metrics.ts";
import { type CrossedMean, crossedMean, resampling } from "../treenet/statistics/crossed.ts";
import { correctness, difference } from "../treenet/statistics/paired.ts";
import { type Curve, learningQuantities, type Log } from "./curves.ts";
import type { Changes } from "./learning.ts";
import { readCurve } from "./read.ts";

/** Reads the curve of a `curve` artifact, from its curve.csv, with the interval's ends of every accuracy. */
export async function readLearning(artifact: Artifact<CurveMeta>): Promise<Curve> {
  const curve = await readCurve(artifact, { file: "curve.csv", quantities: learningQuantities });
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
  const sets = resampling(n);
  const answers = (moment: number, probe: number) => {
    const at = (moment * probes + probe) * n;
    return correctness([data.subarray(at, at + n)], labels);
  };
  const change = (probe: number): CrossedMean =>
    crossedMean(difference(answers(moments - 1, probe), answers(0, probe)), sets);
  return { embedding: change(0), ...probes > 1 && { leaves: change(1) } };
}
