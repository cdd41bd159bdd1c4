/**
 * The kinds of untrained features.
 *
 * @module
 */
import type { Context } from "../../pipeline/stage.ts";
import { SIDE } from "../../formats/cifar.ts";
import { learnDictionary, patchFeatures } from "../../treenet/controls/patch_features.ts";
import { principalComponents, project } from "../../treenet/linalg/pca.ts";
import { pixelFeatures } from "../../treenet/controls/pixels.ts";
import { encode } from "../../treenet/nn/features.ts";
import { buildEncoder, initialEncoder } from "../../treenet/network.ts";
import type { Judged } from "../../treenet/probe/judged_images.ts";
import type { Encoder, Model, Ops } from "../../treenet/nn/types.ts";
import type { Control, ControlsParams } from "./params.ts";

/** Everything that makes a kind of features. */
export interface Making {
  readonly context: Context;
  readonly params: ControlsParams;
  readonly judged: Judged;
  readonly ops: Ops;
}

/** Features of the judged images, row-major, one row an image. */
export interface Made {
  readonly train: Float32Array;
  readonly test: Float32Array;
}

/** Receives the share done, in [0, 1]; may throw to stop the work. */
type Progress = (share: number) => void;

export interface Kind extends Pick<Control, "name" | "models"> {
  readonly make: (progress: Progress) => Promise<Made>;
}

/** Kinds in the order of the report. */
export function kindsOf(making: Making): readonly Kind[] {
  return [
    { name: "pixels", models: [], make: () => Promise.resolve(pixels(making)) },
    { name: "patches", models: [], make: (progress) => patches(making, progress) },
    ...differentLeaves(making).map(({ models, encoder }): Kind => ({
      name: "random-leaves-pca",
      models,
      make: (progress) => leaves(making, encoder, progress),
    })),
  ];
}

function pixels({ params, judged }: Making): Made {
  const of = (part: "train" | "test") =>
    pixelFeatures(judged[part].images, { from: SIDE, side: params.pixelSide });
  return { train: of("train"), test: of("test") };
}

async function patches({ params, judged, ops }: Making, progress: Progress): Promise<Made> {
  const images = (part: "train" | "test") => ({ bytes: judged[part].images, side: SIDE });
  const dictionary = await learnDictionary(images("train"), {
    ...params.patches,
    ops,
    seed: params.seed,
    progress: (done) => progress(0.3 * done / params.patches.iterations),
  });
  const total = params.trainImages + params.testImages;
  const encoded = (part: "train" | "test", before: number) =>
    patchFeatures(images(part), dictionary, {
      ops,
      progress: (done) => progress(0.3 + 0.7 * (before + done) / total),
    });
  return { train: await encoded("train", 0), test: await encoded("test", params.trainImages) };
}

/** Trees of the profile, those together whose untrained leaves are the same; none of those that are controls. */
function differentLeaves(
  { context, params }: Making,
): readonly { readonly models: readonly string[]; readonly encoder: Encoder }[] {
  const found = new Map<string, { readonly models: string[]; readonly encoder: Encoder }>();
  // By name: the order of a profile's fields is in no key.
  for (const name of Object.keys(params.models).sort()) {
    const { architecture } = params.models[name];
    const { default: model } = context.modules[name] as { readonly default: Model };
    const encoder = buildEncoder(model, architecture);
    if (encoder.pathways === undefined || encoder.leaves === 1 || model.control) continue;
    const { leaves: m, channels, kernel, strides } = encoder.pathways.spec;
    const drawn = encoder.specs.filter((spec) => spec.name.startsWith("leaves."))
      .map(({ name, shape, init }) => ({ name, shape, init }));
    const id = JSON.stringify([m, channels, kernel, strides, drawn]);
    found.set(id, { encoder, models: [...found.get(id)?.models ?? [], name] });
  }
  return [...found.values()];
}

async function leaves(
  { context, params, judged, ops }: Making,
  encoder: Encoder,
  progress: Progress,
): Promise<Made> {
  const weights = initialEncoder(encoder, params.seed);
  const total = params.trainImages + params.testImages;
  const outputs = async (part: "train" | "test", before: number): Promise<Float32Array> => {
    const encoded = await encode(encoder, weights, {
      ops,
      batch: params.batch,
      size: SIDE,
      signal: context.signal,
      images: judged[part].images,
      progress: (done) => progress(0.6 * (before + done) / total),
    });
    return encoded.leaves!;
  };
  const train = await outputs("train", 0);
  const size = train.length / judged.train.labels.length;
  const map = await principalComponents(train, {
    size,
    components: Math.min(params.components, size),
    seed: params.seed,
    progress: () => progress(0.6),
  });
  const test = await outputs("test", params.trainImages);
  return { train: await project(train, map), test: await project(test, map) };
}
