/**
 * A training run in a process of its own, since TensorFlow keeps its threads for the life of its process:
 * reads {@linkcode Job} and prints {@linkcode Outcome}, each one line of JSON. It has to end by itself, or
 * something is still running.
 *
 * @module
 */
import { createHash } from "node:crypto";
import * as tf from "@tensorflow/tfjs-core";
import dino from "../../treenet/methods/dino.ts";
import denseJoin from "../../treenet/models/dense_join.ts";
import { buildEncoder, buildNetwork } from "../../treenet/network.ts";
import { newState, share } from "../../treenet/state.ts";
import { train } from "../../treenet/train.ts";
import type { Model } from "../../treenet/nn/types.ts";
import { CANDIDATES, REFERENCE } from "./backends.ts";
import { nativeBytes } from "./native_memory.ts";
import { smallModels, trainingOf } from "./conformance_networks.ts";

/** A run that is asked for. */
export interface Job {
  /** The backend's name among the candidates. */
  readonly name: string;
  readonly cores: number;
  readonly steps: number;
  /** Native memory is counted after each quarter of the steps. @default false */
  readonly memory?: boolean;
  /** Native tensors of so many bytes are left behind, one a step: a test of the test. @default 0 */
  readonly leak?: number;
}

export interface Outcome {
  /** Digest of all weights, and of the loss of every step. */
  readonly digest: string;
  /** Bytes held by native code after each quarter of the steps, where asked for. */
  readonly native: readonly number[];
}

/** Wide enough that threads share the work of one operation, and the update of one parameter. */
const WIDE = { leaves: 2, channels: [8, 16, 32], strides: [2, 1, 1], leafSize: 16, joinWidths: [16, 8] };
const SETTINGS = { head: { hidden: 64, bottleneck: 16, prototypes: 5000 }, freezeSteps: 2 };

if (import.meta.main) console.log(JSON.stringify(await run(JSON.parse(Deno.args[0]))));

/** Trains a small tree and a small ResNet50 in turn. */
async function run({ name, cores, steps, memory = false, leak = 0 }: Job): Promise<Outcome> {
  const ops = await [REFERENCE, ...CANDIDATES].find((one) => one.name === name)!.open(cores);
  const hash = createHash("sha256"), native: number[] = [];
  const tree = buildNetwork(buildEncoder(denseJoin as Model, WIDE), dino, SETTINGS);
  const resnet = (await smallModels()).find(({ name }) => name === "resnet50")!.network;
  for (const [network, until] of [[resnet, Math.ceil(steps / 20)], [tree, steps]] as const) {
    const state = share(newState(network, 1), ops);
    for await (const { step, loss } of train(state, trainingOf(network, ops, until))) {
      hash.update(String(loss));
      if (leak > 0) leaveTensor(leak);
      if (memory && network === tree && step % (steps / 4) === 0) native.push(await nativeBytes());
    }
    for (const values of Object.values(state.student)) hash.update(values);
  }
  ops.close();
  return { digest: hash.digest("hex"), native };
}

/** Makes a tensor in TensorFlow that TensorFlow.js does not know, so that it is never freed or counted. */
function leaveTensor(bytes: number): void {
  const { binding } = tf.backend() as unknown as { readonly binding: Binding };
  binding.createTensor([bytes / 4], binding.TF_FLOAT, new Float32Array(bytes / 4).fill(1));
}

/** The part of TensorFlow's addon that makes a tensor. */
interface Binding {
  readonly TF_FLOAT: number;
  createTensor(shape: readonly number[], type: number, values: Float32Array): number;
}
