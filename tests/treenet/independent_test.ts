import { assert, assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import cnn from "../../treenet/models/cnn.ts";
import denseJoin from "../../treenet/models/dense_join.ts";
import independentLeaves from "../../treenet/models/independent_leaves.ts";
import dino from "../../treenet/methods/dino.ts";
import { batchGradients, type BatchResult, type Learner } from "../../treenet/gradients.ts";
import { buildNetwork, type Network } from "../../treenet/network.ts";
import { copyWeights, type Weights } from "../../treenet/nn/parameters.ts";
import { loadOps } from "../../treenet/ops/mod.ts";
import { newState } from "../../treenet/state.ts";
import { noise, trainingOf } from "../conformance/conformance_networks.ts";

const LEAVES = 3, SEED = 5;
const FIELDS = { channels: [4, 6], strides: [2, 1], leafSize: 4 };
const SETTINGS = { head: { hidden: 12, bottleneck: 8, prototypes: 16 }, freezeSteps: 2 };

const joined = denseJoin.config.parse({ ...FIELDS, leaves: LEAVES, joinWidths: [6, 5] });
const tree = buildNetwork(independentLeaves.build(joined), dino, SETTINGS);
const together = buildNetwork(denseJoin.build(joined), dino, SETTINGS);
const single = buildNetwork(cnn.build(cnn.config.parse(FIELDS)), dino, SETTINGS);

/** A tree's state before the first step, its student moved away from its teacher. */
function learnerOf(network: Network): Learner {
  const state = newState(network, SEED);
  const student = copyWeights(state.student);
  for (const values of Object.values(student)) values.forEach((_, i) => values[i] += 0.01 * Math.sin(i));
  return { ...state, student };
}

async function gradientsOf(network: Network, learner: Learner): Promise<BatchResult> {
  const ops = await loadOps("cpu", { cores: 1 });
  try {
    return await batchGradients(learner, noise(0), { ...trainingOf(network, ops, 1), leafCosine: 0 });
  } finally {
    ops.close();
  }
}

/** The weights of one leaf and its heads, under the names of a network of one pathway. */
function leafOf(weights: Weights, leaf: number): Weights {
  const part = (values: Float32Array) => {
    const size = values.length / LEAVES;
    return values.slice(leaf * size, (leaf + 1) * size);
  };
  const own = `head.leaf${leaf + 1}.`;
  return Object.fromEntries(
    Object.entries(weights).flatMap(([name, values]) =>
      name.startsWith("encoder.leaves.")
        ? [[name, part(values)]]
        : name.startsWith(own)
        ? [[`head.${name.slice(own.length)}`, values]]
        : []
    ),
  );
}

function assertClose(found: Weights, expected: Weights): void {
  assertEquals(Object.keys(found).sort(), Object.keys(expected).sort());
  for (const [name, values] of Object.entries(expected)) {
    const scale = Math.max(...values.map(Math.abs));
    assert(scale > 0, `${name} has no gradient`);
    values.forEach((value, i) => assertLess(Math.abs(value - found[name][i]), 1e-5 * scale, name));
  }
}

Deno.test("every independent leaf has the gradients that it would have alone, and its state follows its own outputs", async () => {
  const learner = learnerOf(tree);
  const all = await gradientsOf(tree, learner);
  const { loss, gradients } = await gradientsOf(together, learner);
  const losses = [loss];
  for (let leaf = 0; leaf < LEAVES; leaf++) {
    const alone = await gradientsOf(single, {
      ...learner,
      student: leafOf(learner.student, leaf),
      teacher: leafOf(learner.teacher, leaf),
      method: { centre: learner.method[`leaf${leaf + 1}.centre`] },
    });
    assertClose(leafOf(all.gradients, leaf), alone.gradients);
    assertClose({ centre: all.means[`leaf${leaf + 1}.centre`] }, alone.means);
    losses.push(alone.loss);
  }
  const ofJoin = (weights: Weights) =>
    Object.fromEntries(
      Object.entries(weights).filter(([name]) => /^encoder\.join\.|^head\.(?!leaf)/.test(name)),
    );
  assertClose(ofJoin(all.gradients), ofJoin(gradients));
  assertAlmostEquals(all.loss, losses.reduce((sum, each) => sum + each, 0) / losses.length, 1e-6);
});

Deno.test("of independent leaves all last layers are frozen, and the teacher has all heads", () => {
  const lasts = tree.teacherSpecs.map(({ name }) => name).filter((name) => name.endsWith("weight_v"));
  assertEquals(lasts.length, LEAVES + 1);
  assertEquals([...tree.freeze!.parameters].sort(), lasts.sort());
});

Deno.test("a tree of one leaf is independent as it is", () => {
  const config = independentLeaves.config.parse({ ...FIELDS, leaves: 1, joinWidths: [5] });
  assertEquals(independentLeaves.build(config).independent, undefined);
});
