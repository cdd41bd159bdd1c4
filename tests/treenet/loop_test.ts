import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertLess,
  assertMatch,
  assertRejects,
} from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { batchGradients } from "../../treenet/gradients.ts";
import type { Method } from "../../treenet/method.ts";
import { methods } from "../../stages/train/params.ts";
import byol from "../../treenet/methods/byol.ts";
import dino from "../../treenet/methods/dino.ts";
import denseJoin from "../../treenet/models/dense_join.ts";
import resnet50 from "../../treenet/models/resnet50.ts";
import { buildEncoder, buildNetwork, type Network } from "../../treenet/network.ts";
import { type Backend, loadOps } from "../../treenet/ops/mod.ts";
import { copyWeights, isTrained } from "../../treenet/nn/parameters.ts";
import { random } from "../../treenet/random.ts";
import { newState, share, type State, unshare } from "../../treenet/state.ts";
import { SickRun, train, type TrainOptions } from "../../treenet/train.ts";
import type { Model, Ops } from "../../treenet/nn/types.ts";

const LAST_LAYER = "head.last_layer.weight_v";
const SETTINGS = { head: { hidden: 12, bottleneck: 8, prototypes: 16 }, freezeSteps: 2 };
const [GLOBALS, LOCALS] = [{ count: 2, size: 16 }, { count: 2, size: 13 }];
const BATCH = 6;

const METHODS = methods;

function tree(method: Method = dino, settings = {}): Network {
  const sizes = { leaves: 2, channels: [4, 6], strides: [2, 1], leafSize: 5, joinWidths: [8, 6] };
  return buildNetwork(buildEncoder(denseJoin as Model, sizes), method, { ...SETTINGS, ...settings });
}

function resnet(): Network {
  return buildNetwork(buildEncoder(resnet50 as Model, { width: 4 }), dino, SETTINGS);
}

/** Noise around a grey level of the image's own, so that views of one image have something in common. */
function viewsAt(step: number) {
  const fill = (crop: typeof GLOBALS, stream = random(step, crop.size)) => {
    const length = crop.size ** 2 * 3 * crop.count;
    return Uint8Array.from({ length: BATCH * length }, (_, i) => {
      const image = Math.floor(i / length);
      return 30 * image + 20 + 60 * stream.uniform();
    });
  };
  return Promise.resolve({ globals: fill(GLOBALS), locals: fill(LOCALS) } as never);
}

function options(network: Network, ops: Ops, changes: Partial<TrainOptions> = {}): TrainOptions {
  return {
    network,
    ops,
    globals: GLOBALS,
    locals: LOCALS,
    batch: BATCH,
    microBatch: BATCH,
    schedule: {
      steps: 20,
      warmupSteps: 2,
      stepsPerEpoch: 10,
      learningRate: 1e-3,
      finalLearningRate: 1e-6,
      weightDecay: 0.04,
      finalWeightDecay: 0.4,
      momentum: 0.9,
      finalMomentum: 1,
    },
    clip: 3,
    until: 4,
    views: viewsAt,
    ...changes,
  };
}

async function run(state: State, how: TrainOptions): Promise<State> {
  for await (const _ of train(state, how));
  return state;
}

async function withOps(backend: Backend, use: (ops: Ops) => Promise<void>): Promise<void> {
  const ops = await loadOps(backend, { cores: 1 });
  try {
    await use(ops);
  } finally {
    ops.close();
  }
}

Deno.test("a new teacher equals its student and shares no storage with it", () => {
  const { student, teacher } = newState(tree(), 3);
  for (const [name, values] of Object.entries(student)) {
    assertEquals(teacher[name], values);
    assert(teacher[name].buffer !== values.buffer, name);
  }
});

for (const [name, network, microBatch] of [["a tree", tree(), 4], ["ResNet50", resnet(), BATCH]] as const) {
  Deno.test(`${name} trained in arrays shared with the kernel ends with the bits of ordinary ones`, () =>
    withOps("wasm", async (ops) => {
      const how = options(network, ops, { microBatch }), ordinary = await run(newState(network, 1), how);
      const { gradients, ...shared } = await run(share(newState(network, 1), ops), how);
      assertEquals(shared, ordinary);
      assertEquals(Object.keys(gradients!), Object.keys(shared.first));
      assert(Object.values(gradients!).some((values) => values.some((value) => value !== 0)));
    }));
}

Deno.test("a state for which the backend's memory is too short stays in ordinary arrays, and takes none", () =>
  withOps("wasm", (ops) => {
    const state = newState(tree(), 1), { limit } = ops.arrays!;
    let calls = 0;
    const zeros = (length: number) => {
      if (++calls > 20) throw new RangeError("Cannot hold this batch");
      return ops.arrays!.zeros(length);
    };
    const arrays = { ...ops.arrays!, limit, zeros, free: (x: Float32Array) => ops.arrays!.free(x) };
    assertEquals(share(state, { arrays }) === state, true);
    assertEquals([calls, ops.arrays!.limit], [21, limit]);
    const shared = share(state, ops);
    assert(ops.arrays!.limit < limit);
    unshare(shared, ops);
    unshare(state, ops);
    assertEquals(ops.arrays!.limit, limit);
    return Promise.resolve();
  }));

Deno.test("a state that is larger than the backend's limit stays in ordinary arrays", () =>
  withOps("wasm", (ops) => {
    const state = newState(tree(), 1), zeros = (length: number) => ops.arrays!.zeros(length);
    const { student, teacher, first, second } = state;
    const sizes = [student, teacher, first, second, first].map((weights) =>
      Object.values(weights).reduce((sum, values) => sum + values.byteLength, 0)
    );
    const bytes = sizes.reduce((a, b) => a + b);
    const shared = (limit: number) => share(state, { arrays: { ...ops.arrays!, zeros, limit } });
    assertEquals(shared(bytes - 1) === state, true);
    assertEquals(shared(bytes) === state, false);
    return Promise.resolve();
  }));

for (const backend of ["cpu", "wasm"] as const) {
  const nets = [["a tree", tree()], ["a tree taught by BYOL", tree(byol)], ["ResNet50", resnet()]] as const;
  for (const [name, network] of nets) {
    if (backend === "cpu" && name === "ResNet50") continue; // slow, and the same code
    Deno.test(`${name} trained in two parts on ${backend} ends with the bits of a straight run`, () =>
      withOps(backend, async (ops) => {
        const straight = await run(newState(network, 1), options(network, ops));
        const half = await run(newState(network, 1), options(network, ops, { until: 2 }));
        const copy: State = structuredClone(half);
        assertEquals(await run(copy, options(network, ops)), straight);
      }));
  }

  for (const [name, method] of Object.entries(METHODS)) {
    Deno.test(`${name}: gradients of micro-batches add up to the batch's on ${backend}`, () =>
      withOps(backend, async (ops) => {
        const network = tree(method);
        const state = newState(network, 2);
        for (const leafCosine of [0, 0.7]) {
          const how = options(network, ops, { leafCosine });
          const whole = await batchGradients(state, await viewsAt(0), how);
          await fc.assert(
            fc.asyncProperty(fc.integer({ min: 1, max: BATCH - 1 }), async (microBatch) => {
              const parts = await batchGradients(state, await viewsAt(0), { ...how, microBatch });
              for (const measure of ["loss", "entropy", "leafCosine"] as const) {
                assert(
                  Object.is(parts[measure], whole[measure]) ||
                    Math.abs(parts[measure] - whole[measure]) < 1e-5,
                );
              }
              for (const [name, values] of Object.entries(whole.gradients)) {
                const scale = Math.max(...values.map(Math.abs), 1e-3);
                values.forEach((value, i) =>
                  assertLess(Math.abs(parts.gradients[name][i] - value), 1e-3 * scale, name)
                );
              }
              for (const [name, means] of Object.entries(whole.means)) {
                means.forEach((mean, i) => assertAlmostEquals(parts.means[name][i], mean, 1e-5));
              }
            }),
            { numRuns: 4 },
          );
        }
      }));
  }

  Deno.test(`training on ${backend} leaves no tensor behind`, () =>
    withOps(backend, async (ops) => {
      for (const network of backend === "cpu" ? [tree()] : [tree(), tree(byol), resnet()]) {
        const before = tf.memory().numTensors;
        await run(newState(network, 0), options(network, ops, { until: 2 }));
        assertEquals(tf.memory().numTensors, before);
      }
    }));
}

Deno.test("the last layer is frozen in the first steps, then learns", () =>
  withOps("wasm", async (ops) => {
    const network = tree();
    const state = newState(network, 4);
    const start = copyWeights(state.student);
    await run(state, options(network, ops, { until: 2 }));
    assertEquals(state.student[LAST_LAYER], start[LAST_LAYER]);
    assert(state.student["head.mlp1.weight"].some((value, i) => value !== start["head.mlp1.weight"][i]));
    await run(state, options(network, ops, { until: 3 }));
    assert(state.student[LAST_LAYER].some((value, i) => value !== start[LAST_LAYER][i]));
  }));

Deno.test("a step moves the teacher by 1 − momentum towards the student it made", () =>
  withOps("wasm", async (ops) => {
    const network = tree();
    const state = await run(newState(network, 5), options(network, ops, { until: 1 }));
    const before = copyWeights(state.teacher);
    await run(state, options(network, ops, { until: 2 }));
    const { momentum } = state.log[1];
    for (const { name } of network.specs.filter(isTrained)) {
      state.teacher[name].forEach((value, i) =>
        assertAlmostEquals(value, momentum * before[name][i] + (1 - momentum) * state.student[name][i], 1e-6)
      );
    }
  }));

Deno.test("student and teacher keep running statistics of their own", () =>
  withOps("wasm", async (ops) => {
    const state = await run(newState(resnet(), 6), options(resnet(), ops, { until: 3 }));
    const name = "encoder.bn1.running_mean";
    assert(state.student[name].some((value) => value !== 0));
    assert(state.teacher[name].some((value, i) => value !== 0 && value !== state.student[name][i]));
  }));

Deno.test("a student of a teacher that stands still comes to predict it", () =>
  withOps("wasm", async (ops) => {
    const network = tree(dino, { centreMomentum: 1 });
    const schedule = {
      ...options(network, ops).schedule,
      steps: 60,
      learningRate: 3e-3,
      momentum: 1,
      finalMomentum: 1,
    };
    const how = options(network, ops, { schedule, until: 60 });
    const { log } = await run(newState(network, 7), how);
    const mean = (rows: typeof log) => rows.reduce((sum, row) => sum + row.kl, 0) / rows.length;
    assertLess(mean(log.slice(-10)), 0.85 * mean(log.slice(0, 3)));
    for (const row of log) assertGreater(row.kl, -1e-5);
  }));

Deno.test("a run whose numbers are no longer finite stops, named by step, before it spoils the weights", () =>
  withOps("wasm", async (ops) => {
    const network = tree();
    const state = await run(newState(network, 8), options(network, ops, { until: 1 }));
    state.student["head.mlp2.bias"][0] = NaN;
    const sick = await assertRejects(() => run(state, options(network, ops)), SickRun);
    assertEquals([sick.step, state.step], [2, 1]);
    assertMatch(sick.illness.found, /loss is NaN|norm NaN/);
    assert(state.student["head.mlp1.weight"].every(Number.isFinite));
  }));

Deno.test("the penalty's gradient is its weight times that of the leaves' cosine", () =>
  withOps("wasm", async (ops) => {
    const network = tree();
    const state = newState(network, 10);
    const name = "encoder.leaves.output.bias";
    const at = async (leafCosine: number) =>
      await batchGradients(state, await viewsAt(0), options(network, ops, { leafCosine }));
    const [none, some] = [await at(0), await at(2)];
    assertEquals([some.loss, some.leafCosine], [none.loss, none.leafCosine]);
    for (let i = 0; i < none.gradients[name].length; i += 3) {
      const cosine = async (h: number) => {
        const student = copyWeights(state.student);
        student[name][i] += h;
        const moved = await batchGradients({ ...state, student }, await viewsAt(0), options(network, ops));
        return moved.leafCosine;
      };
      const slope = (await cosine(3e-3) - await cosine(-3e-3)) / 6e-3;
      assertAlmostEquals((some.gradients[name][i] - none.gradients[name][i]) / 2, slope, 2e-3);
    }
  }));

Deno.test("BYOL logs no entropy, its teacher has no predictor, and its student comes to predict it", () =>
  withOps("wasm", async (ops) => {
    const network = tree(byol);
    const schedule = {
      ...options(network, ops).schedule,
      steps: 60,
      learningRate: 3e-3,
      momentum: 1,
      finalMomentum: 1,
    };
    const state = await run(newState(network, 7), options(network, ops, { schedule, until: 60 }));
    assertEquals(Object.keys(state.teacher).some((name) => name.includes("predictor")), false);
    assert(state.log.every(({ teacherEntropy, kl }) => Number.isNaN(teacherEntropy) && Number.isNaN(kl)));
    const mean = (rows: typeof state.log) => rows.reduce((sum, row) => sum + row.loss, 0) / rows.length;
    assertLess(mean(state.log.slice(-10)), 0.5 * mean(state.log.slice(0, 3)));
  }));

Deno.test("rank is measured every tenth step, the leaves' cosine in every step of a net that has leaves", () =>
  withOps("wasm", async (ops) => {
    const { log } = await run(newState(tree(), 0), options(tree(), ops, { until: 12 }));
    assertEquals(log.filter(({ rankMe }) => !Number.isNaN(rankMe)).map(({ step }) => step), [1, 11]);
    assert(log.every(({ leafCosine }) => leafCosine >= -1 && leafCosine <= 1));
    const { log: single } = await run(newState(resnet(), 0), options(resnet(), ops, { until: 1 }));
    assertEquals(single[0].leafCosine, NaN);
  }));

Deno.test("a teacher's temperature that warms up is another run from the first step that it changes", () =>
  withOps("wasm", async (ops) => {
    const warmed = (teacherTemperatureWarmup: Readonly<Record<string, number>>) => {
      const network = tree(dino, { teacherTemperatureWarmup });
      return run(newState(network, 3), options(network, ops));
    };
    const plain = await warmed({});
    assertEquals(await warmed({ from: 0.04, steps: 3 }), plain);
    const soft = await warmed({ from: 0.08, steps: 3 });
    assertGreater(soft.log[0].teacherEntropy, plain.log[0].teacherEntropy);
  }));

Deno.test("snapshots are the teacher's encoder after the steps asked for", () =>
  withOps("wasm", async (ops) => {
    const network = tree();
    const state = await run(newState(network, 11), options(network, ops, { snapshots: [1, 3] }));
    assertEquals(state.snapshots.map(({ step }) => step), [1, 3]);
    const third = await run(newState(network, 11), options(network, ops, { until: 3 }));
    for (const { name } of network.encoder.specs) {
      assertEquals(state.snapshots[1].encoder[name], third.teacher[`encoder.${name}`]);
    }
  }));

Deno.test("an abort stops training between micro-batches", () =>
  withOps("wasm", async (ops) => {
    const stop = new AbortController();
    stop.abort(new Error("enough"));
    await assertRejects(
      () => run(newState(tree(), 9), options(tree(), ops, { signal: stop.signal })),
      Error,
      "enough",
    );
  }));
