/**
 * Linear evaluation and k-nearest neighbours on the frozen teacher's features, and on those of the same architecture
 * with its initial weights; beside them the released code's evaluation, and what lies between the two. See "Linear
 * evaluation" of docs/recipe.md.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import { type Artifact, type Context, defineStage } from "../pipeline/types.ts";
import emaTeacher from "./ema_teacher.ts";
import { CLASSES } from "./formats/cifar.ts";
import { estimateProbe } from "./probe/estimate.ts";
import type { Features, Judged, LinearResult, ReleasedResult } from "./probe/linear.ts";
import { linearFields, releasedParams } from "./probe/params.ts";
import type { LabelledFeatures } from "./treenet/probe/features.ts";

/** Fractions lie in [0, 1]. */
export interface ProbeResult {
  readonly linear: LinearResult;
  /** k → accuracy. */
  readonly knn: Readonly<Record<string, number>>;
}

/** Contents of probe.json. */
export interface ProbeMeta {
  readonly teacher: ProbeResult;
  readonly random: ProbeResult;
  /** Our probe where the teacher was given raw pixels, 0 to 255; absent where it was not. */
  readonly raw?: { readonly linear: LinearResult };
  /** The released code's probe, on the teacher's features of normalised and of raw pixels. */
  readonly released: { readonly normalised: ReleasedResult; readonly raw?: ReleasedResult };
  /** What each row of predictions.npy was made by. */
  readonly predictions: readonly PredictionRow[];
}

/** Rows of predictions.npy, in this order; the last two only where there are raw features. */
export const predictionRows = ["teacher", "random", "released", "raw", "released-raw"] as const;

export type PredictionRow = typeof predictionRows[number];

const params = z.strictObject({
  model: z.string(),
  seed: z.int().min(0),
  ...linearFields,
  neighbours: z.array(z.int().min(1).max(10_000)).min(1).max(10).default([20, 200])
    .describe("Values of k of the k-nearest-neighbour classifier"),
  temperature: z.number().positive().max(10).default(0.07)
    .describe("A neighbour votes with weight exp(cosine / temperature)"),
  released: releasedParams.prefault({}).describe("The released code's probe, to compare with"),
});

type Params = z.infer<typeof params>;

export default defineStage({
  name: "probe",
  module: import.meta.url,
  axes: ["model", "seed"],
  inputs: { teacher: emaTeacher },
  params,
  outputs: ["probe.json", "predictions.npy"],
  estimate: estimateProbe,
  async run(context, params, { teacher }): Promise<ProbeMeta> {
    const { writeNpy } = await import("./formats/npy.ts");
    const { linearProbe, releasedProbe } = await import("./probe/linear.ts");
    const part = progressIn(context, hasRaw(teacher) ? 5 : 3);
    const features = await readFeatures(teacher, "");
    const own = await evaluate(features, params, part());
    const untrained = await evaluate(await readFeatures(teacher, "random_"), params, part());
    const released = await releasedProbe(features, params.released, part());
    const raw = hasRaw(teacher) ? await readFeatures(teacher, "raw_") : undefined;
    const cleanRaw = raw && await linearProbe(raw, params, part());
    const releasedRaw = raw && await releasedProbe(raw, params.released, part());
    const judged = [own, untrained, released, cleanRaw, releasedRaw].filter((each) => each !== undefined);
    const n = own.predictions.length;
    await writeNpy(join(context.out, "predictions.npy"), {
      shape: [judged.length, n],
      data: Uint8Array.from(judged.flatMap(({ predictions }) => [...predictions])),
    });
    const meta: ProbeMeta = {
      teacher: own.result,
      random: untrained.result,
      ...cleanRaw && { raw: { linear: cleanRaw.result } },
      released: { normalised: released.result, ...releasedRaw && { raw: releasedRaw.result } },
      predictions: predictionRows.slice(0, judged.length),
    };
    await Deno.writeTextFile(join(context.out, "probe.json"), JSON.stringify(meta, null, 2) + "\n");
    return meta;
  },
});

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
  const { readNpy } = await import("./formats/npy.ts");
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
  params: Params,
  progress: (share: number) => void,
): Promise<Judged<ProbeResult>> {
  const { linearProbe } = await import("./probe/linear.ts");
  const { nearestNeighbours } = await import("./treenet/probe/knn.ts");
  const { classification } = await import("./treenet/probe/metrics.ts");
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
  return { result: { linear: linear.result, knn }, predictions: linear.predictions };
}
