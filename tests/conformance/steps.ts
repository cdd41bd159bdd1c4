/**
 * A training run in a process of its own, as TensorFlow keeps its threads for as long as its process lives: prints one
 * line of JSON, {@linkcode Outcome}. Ends by itself, or something was left running.
 *
 * `deno run -A tests/conformance/steps.ts NAME CORES STEPS`
 *
 * @module
 */
import { createHash } from "node:crypto";
import dino from "../../stages/treenet/methods/dino.ts";
import denseJoin from "../../stages/treenet/models/dense_join.ts";
import { buildEncoder, buildNetwork } from "../../stages/treenet/network.ts";
import { newState, share } from "../../stages/treenet/state.ts";
import { train } from "../../stages/treenet/train.ts";
import type { Model } from "../../stages/treenet/types.ts";
import { CANDIDATES, REFERENCE } from "./backends.ts";
import { smallModels, trainingOf } from "./networks.ts";

/** What a run came to. */
export interface Outcome {
  /** Of all weights, and of the loss of every step. */
  readonly digest: string;
  /** Resident bytes after a fifth of the steps, and at the end. */
  readonly resident: readonly [number, number];
}

/** Wide enough that threads share the work of one operation, and the update of one parameter. */
const WIDE = { leaves: 2, channels: [8, 16, 32], strides: [2, 1, 1], leafSize: 16, joinWidths: [16, 8] };
const SETTINGS = { head: { hidden: 64, bottleneck: 16, prototypes: 5000 }, freezeSteps: 2 };

if (import.meta.main) {
  const [name, cores, steps] = Deno.args;
  console.log(JSON.stringify(await run(name, { cores: Number(cores), steps: Number(steps) })));
}

/** Trains a small tree and a small ResNet50 in turn. */
async function run(
  name: string,
  { cores, steps }: { readonly cores: number; readonly steps: number },
): Promise<Outcome> {
  const ops = await [REFERENCE, ...CANDIDATES].find((one) => one.name === name)!.open(cores);
  const hash = createHash("sha256"), resident: number[] = [];
  const tree = buildNetwork(buildEncoder(denseJoin as Model, WIDE), dino, SETTINGS);
  const resnet = (await smallModels()).find(({ name }) => name === "resnet50")!.network;
  for (const [network, until] of [[resnet, Math.ceil(steps / 20)], [tree, steps]] as const) {
    const state = share(newState(network, 1), ops);
    for await (const { step, loss } of train(state, trainingOf(network, ops, until))) {
      hash.update(String(loss));
      if (network === tree && step === Math.ceil(steps / 5)) resident.push(Deno.memoryUsage().rss);
    }
    for (const values of Object.values(state.student)) hash.update(values);
  }
  ops.close();
  return { digest: hash.digest("hex"), resident: [resident[0], Deno.memoryUsage().rss] };
}
