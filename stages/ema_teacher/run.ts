/**
 * Takes the encoder out of a training run's teacher, and encodes the judged images with it and with its initial
 * weights.
 *
 * @module
 */
import { join } from "node:path";
import type { Artifact, Context } from "../../pipeline/stage.ts";
import { readCifar } from "../../formats/cifar.ts";
import { writeNpy } from "../../formats/npy.ts";
import { readSafetensors, writeSafetensors } from "../../formats/safetensors.ts";
import { calibrate, encode, type Features } from "../../treenet/nn/features.ts";
import { buildEncoder, ENCODER, initialEncoder } from "../../treenet/network.ts";
import { type Backend, loadOps } from "../../treenet/ops/mod.ts";
import { type Weights, within } from "../../treenet/nn/parameters.ts";
import { type Judged, judgedImages } from "../../treenet/probe/judged_images.ts";
import type { Encoder, Model, Ops } from "../../treenet/nn/types.ts";
import type { Pixels } from "../../treenet/nn/views.ts";
import { fromPublic, publicShape, toPublic } from "../../treenet/nn/weights.ts";
import type { EmaTeacherMeta, EmaTeacherParams } from "./params.ts";

const PIXELS = 32;

/** Writes the artifact's files. */
export async function run(
  context: Context,
  params: EmaTeacherParams,
  { trained, data }: { readonly trained: Artifact<unknown>; readonly data: Artifact<unknown> },
): Promise<EmaTeacherMeta> {
  const encoder = buildEncoder(
    (context.modules.model as { readonly default: Model }).default,
    params.architecture,
  );
  const judged = judgedImages(await readCifar(data.dir), params);
  await writeJudged(context.out, judged);
  const teacher = await readTeacher(trained.dir, encoder);
  const ops = await loadOps(context.backend as Backend, context);
  try {
    const untrained = await encodeBoth(context, params, { encoder, teacher, judged, ops });
    await writeWeights(context.out, { encoder, params, weights: { teacher, random: untrained } });
  } finally {
    ops.close();
  }
  return {
    model: params.model,
    embedding: encoder.size,
    leaves: encoder.leaves,
    trainImages: judged.train.index.length,
    testImages: judged.test.index.length,
  };
}

/** `index_<part>.npy` and `labels_<part>.npy`. */
async function writeJudged(folder: string, judged: Judged): Promise<void> {
  for (const part of ["train", "test"] as const) {
    const { index, labels } = judged[part];
    await writeNpy(join(folder, `index_${part}.npy`), { shape: [index.length], data: index });
    await writeNpy(join(folder, `labels_${part}.npy`), { shape: [labels.length], data: labels });
  }
}

async function readTeacher(folder: string, encoder: Encoder): Promise<Weights> {
  const { tensors } = await readSafetensors(join(folder, "teacher.safetensors"));
  return fromPublic(encoder.specs, within(tensors, ENCODER));
}

interface Encoding {
  readonly encoder: Encoder;
  readonly teacher: Weights;
  readonly judged: Judged;
  readonly ops: Ops;
}

/** Writes the features of both; returns the initial weights, with running statistics of the judged training images. */
async function encodeBoth(
  context: Context,
  { seed, batch, rawPixels }: EmaTeacherParams,
  { encoder, teacher, judged, ops }: Encoding,
): Promise<Weights> {
  const options = { ops, batch, size: PIXELS, signal: context.signal };
  const { train, test } = judged;
  const untrained = await calibrate(encoder, initialEncoder(encoder, seed), {
    ...options,
    images: train.images,
  });
  const jobs: readonly Job[] = [
    { prefix: "", weights: teacher },
    { prefix: "random_", weights: untrained },
    ...rawPixels ? [{ prefix: "raw_", weights: teacher, pixels: "raw" } as const] : [],
  ];
  const total = jobs.length * (train.index.length + test.index.length);
  let done = 0;
  for (const { prefix, weights, pixels } of jobs) {
    for (const part of ["train", "test"] as const) {
      const progress = (count: number) => context.progress(done + count, total, `${prefix}features_${part}`);
      const { images, index } = judged[part];
      const features = await encode(encoder, weights, { ...options, images, pixels, progress });
      const leaves = part === "test" && pixels !== "raw";
      await writeFeatures(context.out, features, { encoder, prefix, part, leaves });
      done += index.length;
    }
  }
  return untrained;
}

/** Features of one kind. */
interface Job {
  /** The files' names begin with it. */
  readonly prefix: string;
  readonly weights: Weights;
  readonly pixels?: Pixels;
}

/** Leaves of the test images alone: of 50,000 training images they would take 820 MB. */
async function writeFeatures(
  folder: string,
  { embeddings, leaves, leafSize }: Features,
  options: {
    readonly encoder: Encoder;
    readonly prefix: string;
    readonly part: string;
    /** Leaves too, where there are any. */
    readonly leaves: boolean;
  },
): Promise<void> {
  const { encoder, prefix, part } = options;
  const n = embeddings.length / encoder.size;
  await writeNpy(join(folder, `${prefix}features_${part}.npy`), {
    shape: [n, encoder.size],
    data: embeddings,
  });
  if (leaves === undefined || leafSize === undefined || !options.leaves) return;
  const shape = [n, encoder.leaves, leafSize];
  await writeNpy(join(folder, `${prefix}leaves_${part}.npy`), { shape, data: leaves });
}

/** `teacher.safetensors`, `random.safetensors`, and `model.json`, which says how to read them. */
async function writeWeights(
  folder: string,
  { encoder, params, weights }: {
    readonly encoder: Encoder;
    readonly params: EmaTeacherParams;
    readonly weights: { readonly teacher: Weights; readonly random: Weights };
  },
): Promise<void> {
  const { model, type = model, architecture, seed } = params;
  for (const [name, values] of Object.entries(weights)) {
    const metadata = { model, seed: String(seed), weights: name };
    await writeSafetensors(join(folder, `${name}.safetensors`), toPublic(encoder.specs, values), metadata);
  }
  const description = {
    model,
    type,
    architecture,
    seed,
    leaves: encoder.leaves,
    embedding: encoder.size,
    parameters: encoder.specs.map((spec) => ({
      name: spec.name,
      shape: publicShape(spec),
      layout: spec.layout,
      groups: spec.groups ?? 1,
      role: spec.role ?? "trained",
    })),
  };
  await Deno.writeTextFile(join(folder, "model.json"), JSON.stringify(description, null, 2) + "\n");
}
