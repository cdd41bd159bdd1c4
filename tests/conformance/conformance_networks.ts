/**
 * Every model of `treenet/models/`, small, with a head, and views of noise to train it on.
 *
 * @module
 */
import type { Method } from "../../treenet/method.ts";
import { methods } from "../../stages/train/params.ts";
import { loadModel, modelNames } from "../../treenet/models.ts";
import { buildEncoder, buildNetwork, type Network } from "../../treenet/network.ts";
import { random } from "../../treenet/random.ts";
import type { TrainOptions } from "../../treenet/train.ts";
import type { Encoder, Ops } from "../../treenet/nn/types.ts";
import type { Views } from "../../treenet/augment/make_views.ts";
import type { Crop } from "../../treenet/nn/views.ts";

/** A model with its name, trained by a method. */
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
/** Switches of the released code, by model. */
const RELEASED: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "dense-join": { reading: "grouped", finalRelu: false },
  "resnet50": { maxPool: false, mlp: [6, 5] },
};
const SETTINGS = { head: { hidden: 12, bottleneck: 8, prototypes: 16 }, freezeSteps: 2 };

/**
 * Every model by DINO, some with the released code's switches beside, and a tree by every other method; found by looking, so
 * that a new one is tested the day it appears.
 */
export async function smallModels(): Promise<readonly Named[]> {
  const { dino, ...others } = methods;
  const small = async (type: string, { name = type, switches = {} } = {}) => {
    const model = await loadModel(type);
    const known = Object.keys(model.config.parse({}) as object).filter((field) => field in SMALL);
    const fields = Object.fromEntries(known.map((field) => [field, SMALL[field]]));
    return named(name, buildEncoder(model, { ...fields, ...switches }), dino);
  };
  const models = await Promise.all([
    ...modelNames().map((name) => small(name)),
    ...Object.entries(RELEASED).map(([type, switches]) =>
      small(type, { name: `${type} as released`, switches })
    ),
  ]);
  const { encoder } = models.find(({ name }) => name === "dense-join")!;
  return [
    ...models,
    ...Object.entries(others).map(([name, method]) => named(`dense-join by ${name}`, encoder, method)),
  ];
}

function named(name: string, encoder: Encoder, method: Method): Named {
  return { name, encoder, network: buildNetwork(encoder, method, SETTINGS) };
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
    schedule: {
      steps: Math.max(until, 20),
      warmupSteps: 2,
      stepsPerEpoch: 10,
      learningRate: 1e-3,
      finalLearningRate: 1e-6,
      weightDecay: 0.04,
      finalWeightDecay: 0.4,
      momentum: 0.9,
      finalMomentum: 1,
    },
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
