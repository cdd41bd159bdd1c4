/**
 * How long a training run takes: the encoders' passes, the head's, what every parameter costs a step, and the views.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { AugmentRecipe } from "../treenet/augment/mod.ts";
import { makeViews } from "../treenet/augment/mod.ts";
import type { Method } from "../treenet/method.ts";
import { buildNetwork, type Network } from "../treenet/network.ts";
import { isTrained, sizeOf, zerosLike } from "../treenet/parameters.ts";
import { share, type State, unshare } from "../treenet/state.ts";
import { train } from "../treenet/train.ts";
import type { Ops } from "../treenet/types.ts";
import { lengthOf } from "../train/length.ts";
import type { TrainParams } from "../train/params.ts";
import type { Gauge } from "./gauge.ts";
import { type Named, SIDE, trainingPass } from "./passes.ts";
import { idleEncoder, images, weights } from "./synthetic.ts";

/** What training depends on beside its own parameters. */
export interface Training {
  readonly method: Method;
  readonly recipe: AugmentRecipe;
  /** Images and rounds of augment-cache; with none, views are made while training. */
  readonly images: number;
  readonly rounds: number;
}

/** Weights of the largest head that is measured; a larger one is scaled down. */
const HEAD = 3e7;
/** Parameters that are measured at a time: more than caches hold. */
const PARAMETERS = 2e6;
const BUDGET = { head: 0.5, parameters: 0.25, views: 0.1 };

/** Seconds of a run. */
export async function trainingSeconds(
  gauge: Gauge,
  named: Named,
  { params, training }: { readonly params: TrainParams; readonly training: Training },
): Promise<number> {
  const { batch } = params, { recipe, method } = training;
  const { encoder } = named;
  const { until } = lengthOf(params, params.images ?? training.images);
  const whole = encoder.specs.some((spec) => spec.role === "buffer");
  const micro = whole ? batch : Math.min(batch, params.microBatch);
  const pass = await trainingPass(gauge, named, { micro, ...recipe });
  const trained = trainedWeights(buildNetwork(encoder, method, params));
  const optimiser = trained * await secondsAParameter(gauge, method);
  const heads = await headSeconds(gauge, encoder.size, { params, micro, training });
  const views = training.rounds > 0 ? 0 : batch * await viewSeconds(gauge, recipe) / gauge.cores;
  return until * (batch / micro * (pass + heads) + optimiser + views);
}

/** Seconds of an image's views, on one core. */
export async function viewSeconds(gauge: Gauge, recipe: AugmentRecipe): Promise<number> {
  const image = images(1, SIDE), units = 1000;
  const run = (count: number) => {
    for (let i = 0; i < count; i++) makeViews(recipe, image, { seed: 0, image: i, round: 0 });
  };
  const job = { units, from: 30, run };
  return await gauge.seconds(`views ${JSON.stringify(recipe)}`, job, { budget: BUDGET.views }) / units;
}

function trainedWeights({ specs }: Pick<Network, "specs">): number {
  return specs.filter(isTrained).reduce((sum, spec) => sum + sizeOf(spec), 0);
}

/** Upload, clipping, AdamW and EMA, a step: of a network that does nothing else. */
async function secondsAParameter(gauge: Gauge, method: Method): Promise<number> {
  const encoder = idleEncoder(8);
  const specs = [{
    name: "idle",
    shape: [1, PARAMETERS],
    layout: "linear",
    init: { type: "constant", value: 0.1 },
    decay: true,
  }] as const;
  const network = buildNetwork(
    {
      ...encoder,
      specs,
      apply: (params, batch, pass) => {
        const { embedding } = encoder.apply(params, batch, pass);
        return { embedding: tf.add(embedding, tf.sum(params.idle)) as typeof embedding };
      },
    },
    method,
    { head: { hidden: 8, bottleneck: 8, prototypes: 8 } },
  );
  const step = stepOf(network, gauge.power.all, { globals: GLOBALS, locals: { count: 0, size: 1 } });
  try {
    const job = { units: 2, run: () => step.run(2) };
    return await gauge.seconds("parameters", job, { budget: BUDGET.parameters }) / PARAMETERS;
  } finally {
    step.close();
  }
}

const GLOBALS = { count: 2, size: 8 };

/** Seconds of the heads' part of a micro-batch, without what their parameters cost a step. */
async function headSeconds(
  gauge: Gauge,
  size: number,
  { params, micro, training: { method, recipe } }: {
    readonly params: TrainParams;
    readonly micro: number;
    readonly training: Training;
  },
): Promise<number> {
  const { method: name } = params;
  const head = (params as unknown as { head: Record<string, number> }).head;
  const whole = trainedWeights(buildNetwork(idleEncoder(size), method, params));
  const scale = Math.min(1, Math.sqrt(HEAD / whole));
  const scaled = (width: number) => Math.max(2, Math.round(width * scale));
  const widths = Object.entries(head).map(([name, width]) => [name, scaled(width)]);
  const network = buildNetwork(idleEncoder(scaled(size)), method, { head: Object.fromEntries(widths) });
  // Views of few pixels: the head sees embeddings alone.
  const crops = { globals: { ...recipe.globals, size: 4 }, locals: { ...recipe.locals, size: 4 } };
  const step = stepOf(network, gauge.power.all, crops);
  const views = recipe.globals.count + recipe.locals.count;
  const job = { units: micro, from: Math.min(micro, 8), run: step.run };
  const key = `head ${name} ${JSON.stringify(head)} ${size} ${views} ${micro}`;
  try {
    const seconds = await gauge.seconds(key, job, { budget: BUDGET.head });
    const measured = trainedWeights(network);
    return whole / measured * Math.max(0, seconds - measured * await secondsAParameter(gauge, method));
  } finally {
    step.close();
  }
}

type Crops = Pick<Parameters<typeof train>[1], "globals" | "locals">;

/** Steps of real training. */
interface Step {
  /** One, on a batch of `count` images; the first one makes what they work on. */
  readonly run: (count: number) => Promise<void>;
  readonly close: () => void;
}

function stepOf(network: Network, ops: Ops, { globals, locals }: Crops): Step {
  const moments = () => zerosLike(network.specs.filter(isTrained));
  let state: State | undefined;
  const run = async (count: number) => {
    state ??= share({
      step: 1, // the first measures the rank too
      student: weights(network.specs),
      teacher: weights(network.teacherSpecs),
      first: moments(),
      second: moments(),
      method: network.objective.init(),
      log: [],
      snapshots: [],
    }, ops);
    const views = {
      globals: images(count * globals.count, globals.size),
      locals: images(count * locals.count, locals.size),
    };
    const options = {
      network,
      ops,
      globals,
      locals,
      batch: count,
      microBatch: count,
      schedule: SCHEDULE,
      clip: 3,
      until: 2,
      views: () => Promise.resolve(views),
    };
    for await (const _ of train({ ...state, log: [] }, options));
  };
  return {
    run,
    close() {
      if (state !== undefined) unshare(state, ops);
    },
  };
}

/** Of no consequence for the time; nothing is frozen. */
const SCHEDULE = {
  steps: 1000,
  warmupSteps: 0,
  stepsPerEpoch: 1,
  learningRate: 1e-6,
  finalLearningRate: 1e-6,
  weightDecay: 0.04,
  finalWeightDecay: 0.4,
  momentum: 0.996,
  finalMomentum: 1,
};
