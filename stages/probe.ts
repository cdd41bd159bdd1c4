/**
 * Linear evaluation and k-nearest neighbours on the frozen teacher's features, and on those of the same architecture
 * with its initial weights. See "Linear evaluation" of docs/recipe.md.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import { type Artifact, defineStage } from "../pipeline/types.ts";
import emaTeacher from "./ema_teacher.ts";
import { CLASSES } from "./formats/cifar.ts";
import type { LabelledFeatures } from "./treenet/probe/features.ts";
import type { Classification } from "./treenet/probe/metrics.ts";

/** Fractions lie in [0, 1]. */
export interface ProbeResult {
  readonly linear: Classification & {
    /** 95% interval of the accuracy over test images alone (Wilson). */
    readonly interval: readonly [number, number];
    /** Chosen on held-out training images. */
    readonly l2: number;
    /** ‖∇‖₂ of the objective where the fit stopped. */
    readonly gradientNorm: number;
  };
  /** k → accuracy. */
  readonly knn: Readonly<Record<string, number>>;
}

/** Contents of probe.json. */
export interface ProbeMeta {
  readonly teacher: ProbeResult;
  readonly random: ProbeResult;
}

const l2 = z.strictObject({
  min: z.number().positive().max(1e6).default(1e-5).describe("Weakest penalty tried"),
  max: z.number().positive().max(1e6).default(10).describe("Strongest penalty tried"),
  count: z.int().min(1).max(100).default(15).describe("Penalties tried, evenly spaced in their logarithm"),
}).refine(({ min, max }) => min <= max, { path: ["max"], message: "is below min, expected at least min" });

const params = z.strictObject({
  model: z.string(),
  seed: z.int().min(0),
  l2: l2.prefault({}).describe("Range of the L2 penalty; the objective is mean loss + l2/2 · ‖weights‖²"),
  holdout: z.number().min(0.01).max(0.5).default(0.1)
    .describe("Share of each class of the training images on which the penalty is chosen"),
  splitSeed: z.int().min(0).default(0).describe("Of that split; the same for every model and seed"),
  tolerance: z.number().positive().max(1e-2).default(1e-7)
    .describe("The final fit stops at this gradient norm"),
  neighbours: z.array(z.int().min(1).max(10_000)).min(1).max(10).default([20, 200])
    .describe("Values of k of the k-nearest-neighbour classifier"),
  temperature: z.number().positive().max(10).default(0.07)
    .describe("A neighbour votes with weight exp(cosine / temperature)"),
});

type Params = z.infer<typeof params>;

export default defineStage({
  name: "probe",
  module: import.meta.url,
  axes: ["model", "seed"],
  inputs: { teacher: emaTeacher },
  params,
  outputs: ["probe.json", "predictions.npy"],
  estimate: () => ({ seconds: 20, disk: 100_000, memory: 400_000_000 }),
  async run(context, params, { teacher }): Promise<ProbeMeta> {
    const { writeNpy } = await import("./formats/npy.ts");
    const half = (done: number) => (share: number) => {
      context.signal.throwIfAborted();
      context.progress(done + Math.round(50 * share), 100);
    };
    const own = await evaluate(await readFeatures(teacher, ""), params, half(0));
    const untrained = await evaluate(await readFeatures(teacher, "random_"), params, half(50));
    const n = own.predictions.length;
    const predictions = new Uint8Array([...own.predictions, ...untrained.predictions]);
    await writeNpy(join(context.out, "predictions.npy"), { shape: [2, n], data: predictions });
    const meta = { teacher: own.result, random: untrained.result };
    await Deno.writeTextFile(join(context.out, "probe.json"), JSON.stringify(meta, null, 2) + "\n");
    return meta;
  },
});

interface Features {
  readonly train: LabelledFeatures;
  readonly test: LabelledFeatures;
}

/** `prefix` chooses the network. */
async function readFeatures(teacher: Artifact<unknown>, prefix: "" | "random_"): Promise<Features> {
  const { readNpy } = await import("./formats/npy.ts");
  const read = async (part: "train" | "test"): Promise<LabelledFeatures> => {
    const { shape, data } = await readNpy(join(teacher.dir, `${prefix}features_${part}.npy`), "float32");
    const labels = await readNpy(join(teacher.dir, `labels_${part}.npy`), "uint8");
    return { x: data, labels: labels.data, size: shape[1] };
  };
  return { train: await read("train"), test: await read("test") };
}

/** `progress` is told the share done. */
async function evaluate(
  { train, test }: Features,
  params: Params,
  progress: (share: number) => void,
): Promise<{ readonly result: ProbeResult; readonly predictions: Uint8Array }> {
  const { logSpaced, selectLinear } = await import("./treenet/probe/selection.ts");
  const { predict } = await import("./treenet/probe/logistic.ts");
  const { nearestNeighbours } = await import("./treenet/probe/knn.ts");
  const { classification, wilsonInterval } = await import("./treenet/probe/metrics.ts");
  const classes = CLASSES.length;
  const { classifier, l2 } = await selectLinear(train, {
    classes,
    l2: logSpaced(params.l2),
    holdout: params.holdout,
    seed: params.splitSeed,
    tolerance: params.tolerance,
    progress: (done, total) => progress(0.7 * done / total),
  });
  const predictions = predict(classifier, test);
  const measured = classification(predictions, { labels: test.labels, classes });
  const { accuracy, n } = measured;
  const neighbours = await nearestNeighbours(train, test, {
    classes,
    k: params.neighbours,
    temperature: params.temperature,
    progress: (done, total) => progress(0.7 + 0.3 * done / total),
  });
  const knn = Object.fromEntries(
    Object.entries(neighbours).map(([k, named]) => [
      k,
      classification(named, { labels: test.labels, classes }).accuracy,
    ]),
  );
  const { gradientNorm } = classifier;
  const linear = { ...measured, interval: wilsonInterval(accuracy, n), l2, gradientNorm };
  return { result: { linear, knn }, predictions };
}
