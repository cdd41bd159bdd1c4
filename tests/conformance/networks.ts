/**
 * Every model of `stages/treenet/models/`, small, with a head, and views of noise to train it on.
 *
 * @module
 */
import byol from "../../stages/treenet/methods/byol.ts";
import { buildEncoder, buildNetwork, type Network } from "../../stages/treenet/network.ts";
import { random } from "../../stages/treenet/random.ts";
import type { TrainOptions } from "../../stages/treenet/train.ts";
import type { Encoder, Model, Ops } from "../../stages/treenet/types.ts";
import type { Views } from "../../stages/treenet/augment/views.ts";
import type { Crop } from "../../stages/treenet/views.ts";

/** A model with its name. */
export interface Named {
  readonly name: string;
  readonly encoder: Encoder;
  readonly network: Network;
}

/** Sizes that the plain JavaScript reference can bear; a model takes the fields it knows. */
const SMALL: Readonly<Record<string, unknown>> = {
  leaves: 3,
  channels: [4, 6, 5],
  strides: [2, 1, 1],
  leafSize: 4,
  joinWidths: [6, 5],
  width: 2,
};
const HEAD = { hidden: 12, bottleneck: 8, prototypes: 16 };
const MODELS = new URL("../../stages/treenet/models/", import.meta.url);

/** Found by looking, so that a new model is tested the day it appears. */
export async function smallModels(): Promise<readonly Named[]> {
  const files = [...Deno.readDirSync(MODELS)].map(({ name }) => name).filter((name) => name.endsWith(".ts"));
  const models = await Promise.all(
    files.sort().map(async (file) => {
      const { default: model } = await import(new URL(file, MODELS).href) as { readonly default: Model };
      const known = Object.keys(model.config.parse({}) as object).filter((field) => field in SMALL);
      const encoder = buildEncoder(model, Object.fromEntries(known.map((field) => [field, SMALL[field]])));
      return { name: file.replace(".ts", ""), encoder, network: buildNetwork(encoder, HEAD) };
    }),
  );
  const { encoder } = models.find(({ name }) => name === "dense_join")!;
  return [...models, {
    name: "dense_join by byol",
    encoder,
    network: buildNetwork(encoder, HEAD, { method: byol }),
  }];
}

const [GLOBALS, LOCALS] = [{ count: 2, size: 16 }, { count: 2, size: 13 }];

/** Six images a step, two global and two local views of each. */
export function trainingOf(network: Network, ops: Ops, until: number): TrainOptions {
  return {
    network,
    ops,
    globals: GLOBALS,
    locals: LOCALS,
    batch: 6,
    microBatch: 6,
    temperatures: { student: 0.1, teacher: 0.04 },
    schedule: {
      steps: Math.max(until, 20),
      warmupSteps: 2,
      freezeSteps: 2,
      learningRate: 1e-3,
      finalLearningRate: 1e-6,
      weightDecay: 0.04,
      finalWeightDecay: 0.4,
      momentum: 0.9,
      finalMomentum: 1,
    },
    centreMomentum: 0.9,
    leafCosine: network.encoder.leaves > 1 ? 0.1 : 0,
    clip: 3,
    until,
    views: (step) => Promise.resolve(noise(step)),
  };
}

/** Noise around a grey level of the image's own, so that views of one image have something in common. */
export function noise(step: number): Views {
  const fill = ({ count, size }: Crop): Uint8Array<ArrayBuffer> => {
    const length = size ** 2 * 3 * count, stream = random(step, size);
    return Uint8Array.from(
      { length: 6 * length },
      (_, i) => 30 * Math.floor(i / length) + 20 + 60 * stream.uniform(),
    );
  };
  return { globals: fill(GLOBALS), locals: fill(LOCALS) };
}
