import { assert, assertAlmostEquals, assertEquals, assertLess, assertNotEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { type Backend, loadOps } from "../../treenet/ops/mod.ts";
import { buildEncoder, buildNetwork, sizeOfNetwork } from "../../treenet/network.ts";
import {
  countParameters,
  initialise,
  isTrained,
  sizeOf,
  upload,
  type Weights,
} from "../../treenet/nn/parameters.ts";
import { loadModel, modelNames } from "../../treenet/models.ts";
import dino from "../../treenet/methods/dino.ts";
import denseJoin from "../../treenet/models/dense_join.ts";
import randomLeaves from "../../treenet/models/random_leaves.ts";
import resnet50 from "../../treenet/models/resnet50.ts";
import { random } from "../../treenet/random.ts";
import { tidy } from "../../treenet/nn/tensors.ts";
import { fromPublic, toPublic } from "../../treenet/nn/weights.ts";
import type { Encoder, Encoding, Model, Ops, ParameterSpec } from "../../treenet/nn/types.ts";

const BACKENDS: readonly Backend[] = ["cpu", "wasm"];

/** Configurations small enough to differentiate numerically; fields that a model lacks are left out. */
const SMALL: Readonly<Record<string, unknown>> = {
  leaves: 2,
  channels: [4, 5, 6],
  strides: [2, 1, 1],
  leafSize: 4,
  joinWidths: [6, 5],
  width: 4,
};

/** The paper's own counts, docs/recipe.md, Models. */
const PAPER: Readonly<Record<string, readonly [number, number, number]>> = {
  "avg-join": [957_184, 22_785_024, 513_870_848],
  "dense-join": [2_113_920, 23_941_760, 515_017_728],
  "random-leaves": [2_113_920, 23_941_760, 515_017_728],
  cnn: [2_915_052, 24_742_892, 2_071_315_328],
  resnet50: [23_508_032, 49_268_032, 83_410_944],
};

interface Case {
  readonly name: string;
  readonly model: Model;
  readonly switches?: object;
  /**
   * With four times the pixels there is likely one at a ReLU's kink, where rounding decides the gradient; these have none.
   */
  readonly imageSeed?: number;
}

/** Every file, and what the released code has instead, by switches. */
async function loadAll(): Promise<readonly Case[]> {
  const models = await Promise.all(
    modelNames().map(async (name) => ({ name, model: await loadModel(name) })),
  );
  const released = { maxPool: false, mlp: [7, 5] };
  return [
    ...models,
    { name: "resnet50 as released", model: resnet50 as Model, switches: released, imageSeed: 4 },
    { name: "dense-join as released", model: denseJoin as Model, switches: { reading: "grouped" } },
    { name: "dense-join without its last ReLU", model: denseJoin as Model, switches: { finalRelu: false } },
  ];
}

function small(model: Model, switches: object = {}): Encoder {
  const fields = Object.keys(model.config.parse({}) as object).filter((field) => field in SMALL);
  return buildEncoder(model, {
    ...Object.fromEntries(fields.map((field) => [field, SMALL[field]])),
    ...switches,
  });
}

function images(n: number, size: number, seed = 7): tf.Tensor4D {
  const stream = random(seed, n, size);
  return tf.tensor4d(Float32Array.from({ length: n * size * size * 3 }, () => stream.normal()), [
    n,
    size,
    size,
    3,
  ]);
}

/**
 * Initial weights moved off their symmetric starting points, so that every parameter matters; residual branches are
 * turned down, or 50 layers bend too sharply for finite differences in float32.
 */
function perturbed(encoder: Encoder): Weights {
  const stream = random(11);
  const weights = initialise(encoder.specs, 3);
  for (const spec of encoder.specs) {
    const noise = spec.name.endsWith("running_var") ? 0 : 0.1;
    const scale = spec.name.endsWith("bn3.weight") ? 0.2 : 1;
    weights[spec.name].forEach((value, i, all) => all[i] = scale * (value + noise * stream.normal()));
  }
  return weights;
}

function encodeOnce(
  encoder: Encoder,
  weights: Weights,
  options: { ops: Ops; x: tf.Tensor4D; training?: boolean },
): Float32Array {
  return tf.tidy(() => {
    const params = upload(encoder.specs, weights);
    const pass = { ops: options.ops, training: options.training ?? false };
    return encoder.apply(params, options.x, pass).embedding.dataSync().slice() as Float32Array;
  });
}

/** The loss whose gradient is tested: a fixed weighting of the embedding, summed in float64. */
function weighting(length: number): Float32Array {
  const stream = random(23, length);
  return Float32Array.from({ length }, () => stream.normal());
}

function lossOf(embedding: Float32Array): number {
  return weighting(embedding.length).reduce((sum, weight, i) => sum + weight * embedding[i], 0);
}

function gradientsOf(
  encoder: Encoder,
  weights: Weights,
  options: { ops: Ops; x: tf.Tensor4D; training: boolean },
) {
  return tf.tidy(() => {
    const params = upload(encoder.specs, weights);
    const trained = encoder.specs.filter(isTrained).map((spec) => spec.name);
    const grads = tf.grads((...xs: tf.Tensor[]) => {
      const mine = { ...params, ...Object.fromEntries(trained.map((name, i) => [name, xs[i]])) };
      const { embedding } = encoder.apply(mine, options.x, options);
      return tf.sum(tf.mul(embedding, tf.tensor(weighting(embedding.size), embedding.shape)));
    })(trained.map((name) => params[name]));
    return Object.fromEntries(trained.map((name, i) => [name, grads[i].dataSync().slice() as Float32Array]));
  });
}

/** A random direction in the space of the given parameters, of length 1. */
function directionIn(specs: readonly ParameterSpec[]): Weights {
  const stream = random(31, specs.length, specs[0].name.length);
  const raw = specs.map((spec) => Float32Array.from({ length: sizeOf(spec) }, () => stream.normal()));
  const norm = Math.hypot(...raw.flatMap((values) => [...values]));
  return Object.fromEntries(specs.map((spec, i) => [spec.name, raw[i].map((value) => value / norm)]));
}

function moved(weights: Weights, direction: Weights, by: number): Weights {
  const steps = Object.entries(direction).map(([name, step]): [string, Float32Array] => [
    name,
    weights[name].map((value, i) => value + by * step[i]),
  ]);
  return { ...weights, ...Object.fromEntries(steps) };
}

/** Central difference along a random direction; kinks of ReLU are why the tolerance is wide and several steps are tried. */
function checkGradient(
  specs: readonly ParameterSpec[],
  at: { gradients: Weights; weights: Weights; loss: (weights: Weights) => number },
): void {
  const direction = directionIn(specs);
  const values = specs.flatMap(({ name }) => [...at.gradients[name]].map((g, i) => [g, direction[name][i]]));
  const expected = values.reduce((sum, [g, step]) => sum + g * step, 0);
  const norm = Math.hypot(...values.map(([g]) => g));
  const slope = (h: number) =>
    (at.loss(moved(at.weights, direction, h)) - at.loss(moved(at.weights, direction, -h))) / (2 * h);
  const errors: number[] = [];
  for (const h of [3e-3, 1e-3, 1e-2, 3e-4]) {
    errors.push(Math.abs(slope(h) - expected));
    if (errors.at(-1)! < 0.02 * norm + 5e-3) return;
  }
  throw new Error(`gradient of ${specs[0].name}: ${expected}, off by ${errors}`);
}

Deno.test("the released ResNet50 has an MLP more and four times the pixels after its stem", () => {
  const [ours, theirs] = [{}, { maxPool: false, mlp: [256, 128] }].map((config) =>
    sizeOfNetwork(buildNetwork(buildEncoder(resnet50 as Model, config), dino, {}))
  );
  assertEquals(theirs.encoderParameters, 24_070_080); // with both LayerNorms, as the released code prints it
  const stem = 16 * 16 * 7 * 7 * 3 * 64;
  const top = 2048 * 256 + 256 * 128;
  assertLess(theirs.multiplyAdds - stem - top, 4 * (ours.multiplyAdds - stem) + 1);
  assertLess(3.5 * (ours.multiplyAdds - stem), theirs.multiplyAdds - stem - top);
});

Deno.test("the reading grouped draws and clips a layer of all leaves as one tensor, and adds a Linear", () => {
  const [leaf, grouped] = (["leaf", "grouped"] as const).map((reading) =>
    denseJoin.build(denseJoin.config.parse({ leaves: 32, reading })).specs
  );
  const bounds = grouped.flatMap(({ init, decay, name }) =>
    decay && name.startsWith("leaves.") && init.type === "uniform" ? [[name, init.bound]] : []
  );
  // torch.nn.init.xavier_uniform_ on weights [m·out, in / groups, k, k], m = 32
  assertEquals(bounds, [
    ["leaves.conv1.weight", Math.sqrt(6 / (3 * 4 + 256 * 4))],
    ["leaves.conv2.weight", Math.sqrt(6 / (8 * 4 + 512 * 4))],
    ["leaves.conv3.weight", Math.sqrt(6 / (16 * 4 + 1024 * 4))],
    ["leaves.conv4.weight", Math.sqrt(6 / (32 * 4 + 1536 * 4))],
    ["leaves.conv5.weight", Math.sqrt(6 / (48 * 4 + 2048 * 4))],
    ["leaves.output.weight", Math.sqrt(6 / (64 + 4096))],
  ]);
  assertEquals(grouped.filter(({ groups }) => groups !== undefined), []);
  assertEquals(
    leaf.filter(({ groups }) => groups === 32).length,
    leaf.filter(({ name }) => name.startsWith("leaves.")).length,
  );
  assertEquals(grouped.slice(leaf.length).map(({ name }) => name), ["join.extra.weight", "join.extra.bias"]);
  const plain = ({ decay, init }: ParameterSpec) => decay ? undefined : init;
  assertEquals(grouped.slice(0, leaf.length).map(plain), leaf.map(plain));
});

Deno.test("a pass shows its inner layers in order, and the layers are those of the embedding", async () => {
  const ops = await loadOps("cpu", { cores: 1 });
  const x = images(2, 16);
  const layersOf = (model: Model, switches: object = {}) => {
    const encoder = small(model, switches);
    const found: Record<string, number[]> = {};
    tf.tidy(() => {
      const tap = (name: string, output: tf.Tensor2D) => {
        assertEquals(output.rank, 2);
        found[name] = [...output.dataSync()];
      };
      const { embedding } = encoder.apply(upload(encoder.specs, perturbed(encoder)), x, {
        ops,
        training: false,
        tap,
      });
      found.embedding = [...embedding.dataSync()];
    });
    return found;
  };
  const dense = layersOf(denseJoin as Model);
  assertEquals(Object.keys(dense), [
    "pooled",
    "leaves",
    "leaf mean",
    "join.linear1",
    "join.relu1",
    "join.linear2",
    "join.relu2",
    "embedding",
  ]);
  assertEquals(dense["join.relu2"], dense["join.linear2"].map((value) => Math.max(0, value)));
  assertEquals(dense.embedding, dense["join.relu2"]);
  const open = layersOf(denseJoin as Model, { finalRelu: false });
  assertEquals(open.embedding, dense["join.linear2"]);
  assert(open.embedding.some((value) => value < 0));
  const side = layersOf(await loadModel("concatenation"));
  assertEquals(side.embedding, side.leaves);
  const mean = layersOf(await loadModel("avg-join"));
  assertEquals(mean.embedding, mean["leaf mean"]);
  assertEquals(Object.keys(layersOf(resnet50 as Model)), ["pooled", "embedding"]);
  assertEquals(Object.keys(layersOf(await loadModel("cnn"))), ["pooled", "embedding"]);
  x.dispose();
  ops.close();
});

Deno.test("with zeroInitResidual a block of ResNet50 is at first its shortcut", async () => {
  const ops = await loadOps("cpu", { cores: 1 });
  const x = images(2, 16);
  const [plain, zeroed] = [false, true].map((zeroInitResidual) => {
    const encoder = small(resnet50 as Model, { zeroInitResidual });
    const weights = initialise(encoder.specs, 3);
    const before = encodeOnce(encoder, weights, { ops, x, training: true });
    weights["layer4.2.conv2.weight"].fill(1);
    return { before, after: encodeOnce(encoder, weights, { ops, x, training: true }) };
  });
  assertEquals(zeroed.after, zeroed.before);
  assertNotEquals(plain.after, plain.before);
  assert(zeroed.before.some((value) => value > 0));
  x.dispose();
  ops.close();
});

Deno.test("random leaves are those of a DenseJoin of the same seed and never trained; its join is", () => {
  const [control, tree] = [randomLeaves, denseJoin].map((model) => small(model as Model));
  assertEquals(initialise(control.specs, 4), initialise(tree.specs, 4));
  assertEquals(
    control.specs.filter(isTrained).map(({ name }) => name),
    tree.specs.map(({ name }) => name).filter((name) => name.startsWith("join.")),
  );
  assertEquals([(randomLeaves as Model).control, (denseJoin as Model).control], [true, undefined]);
});

for (const { name, model, switches, imageSeed } of await loadAll()) {
  if (name in PAPER) {
    Deno.test(`${name} has the recipe's parameters and multiply-adds`, () => {
      const size = sizeOfNetwork(buildNetwork(buildEncoder(model, {}), dino, {}));
      assertEquals([size.encoderParameters, size.parametersWithHead, size.multiplyAdds], [...PAPER[name]]);
    });
  }

  Deno.test(`${name} counts as many parameters as its specifications hold`, () => {
    const { specs } = small(model, switches);
    const trained = specs.filter((spec) => spec.role !== "buffer");
    const weights = initialise(specs, 0);
    assertEquals(countParameters(specs), trained.reduce((sum, spec) => sum + weights[spec.name].length, 0));
    assertEquals(new Set(specs.map((spec) => spec.name)).size, specs.length);
  });

  Deno.test(`${name} comes back from its public layout bit for bit`, () => {
    const { specs } = small(model, switches);
    const weights = initialise(specs, 5);
    assertEquals(fromPublic(specs, toPublic(specs, weights)), weights);
  });

  Deno.test(`${name} starts from the seed alone`, () => {
    const { specs } = small(model, switches);
    assertEquals(initialise(specs, 1), initialise(specs, 1));
    const weight = specs.find((spec) => spec.decay)!.name;
    assert(initialise(specs, 1)[weight].some((value, i) => value !== initialise(specs, 2)[weight][i]));
  });

  let reference: Weights | undefined;
  for (const backend of BACKENDS) {
    Deno.test(`${name} on ${backend}: deterministic, batch-independent, differentiable, leaves no tensor`, async (t) => {
      const ops = await loadOps(backend, { cores: 1 });
      const encoder = small(model, switches);
      const weights = perturbed(encoder);
      const x = images(16, 32, imageSeed);
      const before = tf.memory().numTensors;

      await t.step("the same images give the same bits", () => {
        assertEquals(encodeOnce(encoder, weights, { ops, x }), encodeOnce(encoder, weights, { ops, x }));
      });

      await t.step("in eval mode an image's embedding does not depend on its batch", () => {
        const all = encodeOnce(encoder, weights, { ops, x });
        const alone = tf.tidy(() => encodeOnce(encoder, weights, { ops, x: tf.slice(x, [1, 0, 0, 0], [1]) }));
        alone.forEach((value, i) =>
          assertAlmostEquals(value, all[encoder.size + i], 1e-4 * (1 + Math.abs(value)))
        );
      });

      // While they are trained, no gradient of the embedding reaches independent leaves.
      const training = encoder.independent === undefined;
      const gradients = gradientsOf(encoder, weights, { ops, x, training });
      const loss = (at: Weights) => lossOf(encodeOnce(encoder, at, { ops, x, training }));

      await t.step("the gradient of all parameters agrees with finite differences", () => {
        checkGradient(encoder.specs.filter(isTrained), { gradients, weights, loss });
      });

      if (backend === "wasm") {
        await t.step("the gradient of each parameter agrees with finite differences", () => {
          const trained = encoder.specs.filter(isTrained);
          // Between the first and the last layers switches change nothing.
          const checked = switches === undefined ? trained : [...trained.slice(0, 3), ...trained.slice(-4)];
          for (const spec of checked) {
            checkGradient([spec], { gradients, weights, loss });
          }
        });
      }

      await t.step("gradients agree with the other backends", () => {
        reference ??= gradients;
        for (const [parameter, values] of Object.entries(gradients)) {
          const scale = Math.max(...values.map(Math.abs), 1e-3);
          values.forEach((value, i) => {
            assertLess(Math.abs(value - reference![parameter][i]), 2e-3 * scale, parameter);
          });
        }
      });

      await t.step("no tensor is left", () => {
        assertEquals(tf.memory().numTensors, before);
        const encoding = tidy((): Encoding =>
          encoder.apply(upload(encoder.specs, weights), x, { ops, training: true })
        );
        const kept = [encoding.embedding, encoding.leaves, ...Object.values(encoding.buffers ?? {})];
        assertEquals(tf.memory().numTensors, before + kept.filter((tensor) => tensor !== undefined).length);
        tf.dispose(kept.filter((tensor) => tensor !== undefined));
      });

      x.dispose();
      ops.close();
    });
  }
}
