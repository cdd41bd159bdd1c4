/**
 * One training run: views in, checkpoints on the way, weights and log out.
 *
 * @module
 */
import { join } from "node:path";
import type { Artifact, Context } from "../../pipeline/stage.ts";
import type { AugmentCacheMeta } from "../augment_cache/params.ts";
import { healthOf, type Verdict } from "../../treenet/health.ts";
import type { Method } from "../../treenet/method.ts";
import { buildEncoder, buildNetwork, type Network, sizeOfNetwork } from "../../treenet/network.ts";
import { type Backend, loadOps } from "../../treenet/ops/mod.ts";
import type { LogRow } from "../../treenet/log.ts";
import { newState, share, type State } from "../../treenet/state.ts";
import { SickRun, train, type TrainOptions } from "../../treenet/train.ts";
import type { Encoder, Model, Ops } from "../../treenet/nn/types.ts";
import { loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { type Length, lengthOf, snapshotSteps } from "./length.ts";
import { writeOutputs } from "./training_outputs.ts";
import type { TrainMeta, TrainParams } from "./params.ts";
import { fromCheckpoint, toCheckpoint } from "./saved_state.ts";
import { openViews, type ViewSource, Waiting } from "./view_source.ts";

/** The artifacts it reads. */
interface TrainInputs {
  readonly data: Artifact<unknown>;
  readonly views: Artifact<AugmentCacheMeta>;
}

const CHECKPOINT_STEPS = 100;

/** Trains to the end and writes the artifact's files. */
export async function run(
  context: Context,
  params: TrainParams,
  { data, views }: TrainInputs,
): Promise<TrainMeta> {
  const { default: model } = context.modules.model as { readonly default: Model };
  const { default: method } = context.modules.method as { readonly default: Method };
  const encoder = buildEncoder(model, params.architecture);
  checkLeaves(encoder, params);
  const network = buildNetwork(encoder, method, params);
  using source = await openViews({
    ...params,
    data: data.dir,
    views: views.dir,
    rounds: views.meta.rounds,
    recipe: params.views,
    cores: context.cores,
  });
  const length = lengthOf(params, source.images);
  const ops = await loadOps(context.backend as Backend, context);
  try {
    const state = await runToEnd(context, params, { network, source, length, ops });
    const metadata = { model: params.model, seed: String(params.seed) };
    await writeOutputs(context.out, { state, network, batch: params.batch, metadata });
    return {
      ...summarise(state, { params, network, length }),
      control: model.control ?? false,
      channels: model.channels(model.config.parse(params.architecture)),
    };
  } finally {
    ops.close();
  }
}

function checkLeaves({ leaves }: Encoder, { model, leafCosine }: TrainParams): void {
  if (leafCosine === 0 || leaves > 1) return;
  throw new RangeError(
    `Cannot penalise how alike the leaves of ${model} are: it has ${leaves}, expected at least 2, ` +
      "set train.leafCosine to 0",
  );
}

function summarise(
  { step, log }: State,
  { params, network, length }: {
    readonly params: TrainParams;
    readonly network: Network;
    readonly length: Length;
  },
): Omit<TrainMeta, "channels" | "control"> {
  return {
    model: params.model,
    method: params.method,
    images: step * params.batch,
    steps: step,
    epochs: step / length.stepsPerEpoch,
    ...sizeOfNetwork(network),
    embedding: network.encoder.size,
    leaves: network.encoder.leaves,
    loss: { first: log[0].loss, last: log[log.length - 1].loss },
    ...verdictOn(log, { network, length }),
  };
}

function verdictOn(
  log: State["log"],
  { network, length }: { readonly network: Network; readonly length: Length },
): Verdict {
  const { warmupSteps } = length;
  return healthOf(log, { prototypes: network.objective.prototypes, warmupSteps });
}

/** The objects that a run works with. */
export interface Run {
  readonly network: Network;
  readonly source: ViewSource;
  readonly length: Length;
  readonly ops: Ops;
}

/**
 * Resumes from the last checkpoint, or starts; saves a checkpoint at intervals, and when it is told to stop.
 */
async function runToEnd(context: Context, params: TrainParams, run: Run): Promise<State> {
  const path = join(context.scratch, "checkpoint.bin");
  const state = share(await startOrResume(context, params, { ...run, path }), run.ops);
  const save = () => saveCheckpoint(path, toCheckpoint(state));
  const { length } = run;
  const every = checkpointSteps(context);
  let saved = state.step;
  const waiting = new Waiting();
  try {
    for await (const row of train(state, optionsOf(context, params, { ...run, waiting }))) {
      const { collapsedSince } = verdictOn(state.log, run);
      context.progress(row.images, length.until * params.batch, noteOf(row, { waiting, collapsedSince }));
      if (row.step % every === 0 || row.step % length.stepsPerEpoch === 0) {
        await save();
        saved = row.step;
      }
    }
  } catch (error) {
    if (context.signal.aborted) await save();
    if (error instanceof SickRun) throw advise(error, { params, saved });
    throw error;
  }
  context.record("waitedForViews", Number(waiting.share.toFixed(4)));
  return state;
}

/** Steps from one checkpoint to the next: no part of the key, as the result does not depend on it. */
function checkpointSteps({ hints }: Context): number {
  const text = hints["checkpoint-steps"];
  const steps = text === undefined ? CHECKPOINT_STEPS : Number(text);
  if (Number.isSafeInteger(steps) && steps > 0) return steps;
  throw new RangeError(`Cannot train: checkpoint-steps is ${text}, expected a whole number of at least 1`);
}

/** The loss, the share of its time that the device computes (what a step does not wait for views), and a collapse. */
function noteOf(
  { loss }: LogRow,
  { waiting, collapsedSince }: { readonly waiting: Waiting; readonly collapsedSince: number | null },
): string {
  const collapse = collapsedSince === null ? "" : `, collapsed since step ${collapsedSince}`;
  return `loss ${loss.toFixed(3)}, busy ${Math.round(100 * (1 - waiting.share))}%${collapse}`;
}

async function startOrResume(
  context: Context,
  { seed }: TrainParams,
  { network, path }: Run & { readonly path: string },
): Promise<State> {
  const loaded = await loadCheckpoint(path);
  switch (loaded.type) {
    case "loaded":
      context.record("resumedFrom", loaded.checkpoint.step);
      return fromCheckpoint(loaded.checkpoint);
    case "damaged":
      context.record("checkpointIgnored", loaded.found);
      context.progress(0, 1, `starting anew: the checkpoint cannot be used, ${loaded.found}`);
      return newState(network, seed);
    case "missing":
      return newState(network, seed);
  }
}

/** The rules of a run as {@linkcode train} takes them. */
export function optionsOf(
  context: Context,
  params: TrainParams,
  { network, source, length, ops, waiting }: Run & { readonly waiting: Waiting },
): TrainOptions {
  const wholeBatches = network.encoder.specs.some((spec) => spec.role === "buffer");
  return {
    network,
    ops,
    globals: source.recipe.globals,
    locals: source.recipe.locals,
    batch: params.batch,
    microBatch: wholeBatches ? params.batch : params.microBatch,
    signal: context.signal,
    schedule: { ...params, ...length, learningRate: params.learningRate * params.batch / 256 },
    leafCosine: params.leafCosine,
    clip: params.clip,
    until: length.until,
    snapshots: snapshotSteps(params, length),
    views: (step) => waiting.during(() => source.views(step)),
  };
}

function advise(
  sick: SickRun,
  { params, saved }: { readonly params: TrainParams; readonly saved: number },
): Error {
  const kept = saved === 0
    ? "there is no checkpoint before it"
    : `the last good checkpoint is of step ${saved}`;
  return new Error(
    `Cannot go on training ${params.model} (seed ${params.seed}): at step ${sick.step} ${sick.illness.found}; ` +
      `${kept}; try --set train.learningRate=${params.learningRate / 2}`,
    { cause: sick },
  );
}
