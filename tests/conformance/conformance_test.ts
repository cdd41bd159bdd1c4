import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { loadCheckpoint, saveCheckpoint } from "../../stages/train/checkpoint.ts";
import { fromCheckpoint, toCheckpoint } from "../../stages/train/saved_state.ts";
import { newState, share, type State } from "../../treenet/state.ts";
import { train } from "../../treenet/train.ts";
import { CANDIDATES, REFERENCE } from "./backends.ts";
import { allCases, type Arrays, type Case, deviation } from "./cases.ts";
import { smallModels, trainingOf } from "./conformance_networks.ts";
import {
  directionalDerivative,
  pathwayInputs,
  pathwayOutputAndGradients,
  pathways,
  values,
} from "../treenet/ops/wasm/ops_support.ts";

const cases = await allCases();
const expected = new Map<Case, Arrays>();

Deno.test("the reference computes every case, and leaves no tensor", async () => {
  const ops = await REFERENCE.open(1), before = tf.memory().numTensors;
  for (const one of cases) expected.set(one, await one.compute(ops));
  assertEquals(tf.memory().numTensors, before);
  ops.close();
});

for (const { name, missing, open } of CANDIDATES) {
  const ignore = missing !== undefined, title = ignore ? `${name} (${missing})` : name;

  Deno.test({ name: `${title} equals the reference`, ignore }, async (t) => {
    const ops = await open(2);
    for (const one of cases) {
      await t.step(one.name, async () => {
        const before = tf.memory().numTensors;
        const { worst, array } = deviation(await one.compute(ops), expected.get(one)!);
        assert(worst <= one.tolerance, `${array} is off by ${worst}, expected at most ${one.tolerance}`);
        assertEquals(tf.memory().numTensors, before, "tensors left behind");
      });
    }
    ops.close();
  });

  Deno.test(
    { name: `${title}: gradients of pathways are the formula's finite differences`, ignore },
    async () => {
      const ops = await open(2);
      const spec = { leaves: 3, channels: [6, 8, 5], kernel: 2, strides: [1, 2, 1] };
      const inputs = pathwayInputs(spec, [4, 9, 10]), dy = values([4, 3, 5], 7);
      const [, ...gradients] = pathwayOutputAndGradients(ops, { spec, inputs, dy });
      for (const [index, gradient] of gradients.entries()) {
        const { numeric, analytic } = directionalDerivative((all) => pathways(all, spec), inputs, {
          index,
          dy,
          gradient,
        });
        assertAlmostEquals(analytic, numeric, 2e-4 * (1 + Math.abs(numeric)), `input ${index}`);
      }
      ops.close();
    },
  );

  Deno.test(
    { name: `${title}: training goes on from a checkpoint to the bits of a straight run`, ignore },
    async () => {
      const ops = await open(2), path = await Deno.makeTempFile();
      for (const { network } of await smallModels()) {
        const trained = async (state: State, until: number) => {
          for await (const _ of train(state, trainingOf(network, ops, until)));
          return toCheckpoint(state);
        };
        const straight = await trained(share(newState(network, 1), ops), 4);
        await saveCheckpoint(path, await trained(share(newState(network, 1), ops), 2));
        const loaded = await loadCheckpoint(path);
        assert(loaded.type === "loaded");
        assertEquals(await trained(share(fromCheckpoint(loaded.checkpoint), ops), 4), straight);
      }
      ops.close();
      await Deno.remove(path);
    },
  );

  Deno.test(
    { name: `${title}: loops of the update refuse arrays of different lengths`, ignore },
    async () => {
      const { loops, arrays, close } = await open(1);
      const zeros = (length: number) => arrays?.zeros(length) ?? new Float32Array(length);
      const [weights, first, second, short] = [zeros(5), zeros(5), zeros(5), zeros(4)];
      const options = { learningRate: 1, weightDecay: 1, update: 1 };
      const expected = "arrays have 5, 5, 5, 4 numbers, expected the same";
      assertThrows(() => loops!.adamw({ weights, first, second }, short, options), RangeError, expected);
      assertThrows(() => loops!.ema(short, weights, 1), RangeError, "arrays have 4, 5 numbers");
      close();
    },
  );
}
