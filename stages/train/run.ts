/**
 * One training run: views in, checkpoints on the way, weights and log out.
 *
 * @module
 */
import { join } from "node:path";
import type { Context } from "../../pipeline/types.ts";
import type { TrainMeta } from "../train.ts";
import { buildEncoder, buildNetwork, type Network, sizeOfNetwork } from "../treenet/network.ts";
import { type Backend, loadOps } from "../treenet/ops/mod.ts";
import { type LogRow, newState, SickRun, type State, train, type TrainOptions } from "../treenet/train.ts";
import type { Model, Ops } from "../treenet/types.ts";
import { loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { writeOutputs } from "./outputs.ts";
import { type Length, lengthOf, type TrainParams } from "./params.ts";
import { fromCheckpoint, toCheckpoint } from "./saved_state.ts";
import { openViews, type ViewSource } from "./view_source.ts";
import { Waiting } from "./waiting.ts";

/** Folders of the artifacts it reads. */
export interface TrainInputs {
  readonly data: string;
  readonly views: string;
  /** Of stored views; 0: they are made on the fly. */
  readonly rounds: number;
}

/** Trains to the end and writes the artifact's files. */
export async function runTraining(
  context: Context,
  params: TrainParams,
  inputs: TrainInputs,
): Promise<TrainMeta> {
  const model = (context.modules.model as { readonly default: Model }).default;
  const network = buildNetwork(buildEncoder(model, params.architecture), params.head);
  using source = await openViews({ ...params, ...inputs, cores: context.cores });
  const length = lengthOf(params, source.images);
  const ops = await loadOps(context.backend as Backend, { cores: context.cores });
  try {
    const state = await runToEnd(context, params, { network, source, length, ops });
    const metadata = { model: params.model, seed: String(params.seed), step: String(state.step) };
    await writeOutputs(context.out, { state, network, metadata });
    return {
      ...summarise(state, { params, network, length }),
      channels: model.channels(model.config.parse(params.architecture)),
    };
  } finally {
    ops.close();
  }
}

function summarise(
  { step, log }: State,
  { params, network, length }: {
    readonly params: TrainParams;
    readonly network: Network;
    readonly length: Length;
  },
): Omit<TrainMeta, "channels"> {
  return {
    model: params.model,
    images: step * params.batch,
    steps: step,
    epochs: step / length.stepsPerEpoch,
    ...sizeOfNetwork(network),
    embedding: network.encoder.size,
    leaves: network.encoder.leaves,
    loss: { first: log[0].loss, last: log[log.length - 1].loss },
  };
}

interface Run {
  readonly network: Network;
  readonly source: ViewSource;
  readonly length: Length;
  readonly ops: Ops;
}

/** Goes on from the last checkpoint, or starts; saves a checkpoint now and then, and when it is told to stop. */
async function runToEnd(context: Context, params: TrainParams, run: Run): Promise<State> {
  const path = join(context.scratch, "checkpoint.bin");
  const state = await startOrResume(context, params, { ...run, path });
  const save = () => saveCheckpoint(path, toCheckpoint(state));
  const { length } = run;
  let saved = state.step;
  const waiting = new Waiting();
  try {
    for await (const row of train(state, optionsOf(context, params, { ...run, waiting }))) {
      context.progress(row.images, length.until * params.batch, noteOf(row, waiting));
      if (row.step % params.checkpointSteps === 0 || row.step % length.stepsPerEpoch === 0) {
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

/** The share of its time that the device computes: what a step does not wait for views. */
function noteOf({ loss }: LogRow, { share }: Waiting): string {
  return `loss ${loss.toFixed(3)}, busy ${Math.round(100 * (1 - share))}%`;
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

function optionsOf(
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
    temperatures: { student: params.studentTemperature, teacher: params.teacherTemperature },
    signal: context.signal,
    schedule: { ...params, ...length, learningRate: params.learningRate * params.batch / 256 },
    centreMomentum: params.centreMomentum,
    clip: params.clip,
    until: length.until,
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
