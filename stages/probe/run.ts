/**
 * Judges the features of the teacher, of its initial weights and, where there are such, of raw pixels.
 *
 * @module
 */
import { join } from "node:path";
import type { Artifact, Context } from "../../pipeline/stage.ts";
import { CLASSES } from "../../formats/cifar.ts";
import { readNpy, writeNpy } from "../../formats/npy.ts";
import { type Features, type Judged, linearProbe, releasedProbe } from "../../treenet/probe/evaluation.ts";
import type { LabelledFeatures } from "../../treenet/probe/feature_rows.ts";
import { nearestNeighbours } from "../../treenet/probe/knn.ts";
import { classification } from "../../treenet/probe/metrics.ts";
import { predictionRows } from "../../treenet/probe/prediction_rows.ts";
import type { Evaluation, ProbeMeta, ProbeParams, ProbeResult } from "./params.ts";

/** Writes the artifact's files. */
export async function run(
  context: Context,
  params: ProbeParams,
  { teacher }: { readonly teacher: Artifact<unknown> },
): Promise<ProbeMeta> {
  const part = progressIn(context, hasRaw(teacher) ? 5 : 3);
  const features = await readFeatures(teacher, "");
  const own = await evaluate(features, params, part());
  const untrained = await evaluate(await readFeatures(teacher, "random_"), params, part());
  const released = await releasedProbe(features, params.released, part());
  const raw = hasRaw(teacher) ? await readFeatures(teacher, "raw_") : undefined;
  const cleanRaw = raw && await linearProbe(raw, params, part());
  const releasedRaw = raw && await releasedProbe(raw, params.released, part());
  const { rows, data } = predictionRows<Evaluation>([
    ["teacher", own],
    ["random", untrained],
    ["released", released],
    ...cleanRaw ? [["raw", cleanRaw] as const] : [],
    ...releasedRaw ? [["released-raw", releasedRaw] as const] : [],
  ]);
  await writeNpy(join(context.out, "predictions.npy"), {
    shape: [rows.length, data.length / rows.length],
    data,
  });
  const meta: ProbeMeta = {
    teacher: own.result,
    random: untrained.result,
    ...cleanRaw && { raw: { linear: cleanRaw.result } },
    released: { normalised: released.result, ...releasedRaw && { raw: releasedRaw.result } },
    predictions: rows,
  };
  await Deno.writeTextFile(join(context.out, "probe.json"), JSON.stringify(meta, null, 2) + "\n");
  return meta;
}

/** Features of raw pixels were made too. */
function hasRaw({ files }: Artifact<unknown>): boolean {
  return ["raw_features_train.npy", "raw_features_test.npy"].every((name) => name in files);
}

/** Progress of one part after the other of so many; each part is told the share of itself that is done. */
function progressIn(context: Context, parts: number): () => (share: number) => void {
  let begun = 0;
  return () => {
    const done = begun++;
    return (share) => {
      context.signal.throwIfAborted();
      context.progress(Math.round(100 * (done + share) / parts), 100);
    };
  };
}

/** `prefix` chooses the network, or what it was given. */
async function readFeatures(
  teacher: Artifact<unknown>,
  prefix: "" | "random_" | "raw_",
): Promise<Features> {
  const read = async (part: "train" | "test"): Promise<LabelledFeatures> => {
    const { shape, data } = await readNpy(join(teacher.dir, `${prefix}features_${part}.npy`), "float32");
    const labels = await readNpy(join(teacher.dir, `labels_${part}.npy`), "uint8");
    return { x: data, labels: labels.data, size: shape[1] };
  };
  return { train: await read("train"), test: await read("test") };
}

/** Our probe and the neighbours. */
async function evaluate(
  features: Features,
  params: ProbeParams,
  progress: (share: number) => void,
): Promise<Judged<ProbeResult>> {
  const { train, test } = features;
  const linear = await linearProbe(features, params, (share) => progress(0.7 * share));
  const neighbours = await nearestNeighbours(train, test, {
    classes: CLASSES.length,
    k: params.neighbours,
    temperature: params.temperature,
    progress: (done, total) => progress(0.7 + 0.3 * done / total),
  });
  const knn = Object.fromEntries(
    Object.entries(neighbours).map(([k, named]) => [
      k,
      classification(named, { labels: test.labels, classes: CLASSES.length }).accuracy,
    ]),
  );
  return { ...linear, result: { linear: linear.result, knn } };
}
