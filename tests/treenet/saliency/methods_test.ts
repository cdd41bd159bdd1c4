import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import resnet50 from "../../../treenet/models/resnet50.ts";
import avgJoin from "../../../treenet/models/avg_join.ts";
import cnn from "../../../treenet/models/cnn.ts";
import denseJoin from "../../../treenet/models/dense_join.ts";
import { loadOps } from "../../../treenet/ops/mod.ts";
import { initialise, upload, type Weights } from "../../../treenet/nn/parameters.ts";
import { random } from "../../../treenet/random.ts";
import { layersOf, randomised, similarities } from "../../../treenet/saliency/cascade.ts";
import { compareMethods } from "../../../treenet/saliency/map_comparison.ts";
import { keptChannels, type Network, pixelGradients, saliencyMaps } from "../../../treenet/saliency/maps.ts";
import {
  completenessErrors,
  integratedGradients,
  smoothGradients,
} from "../../../treenet/saliency/map_methods.ts";
import { mapImages } from "../../../treenet/saliency/map_images.ts";
import type { Encoder } from "../../../treenet/nn/types.ts";

const side = 10;
const ops = await loadOps("cpu", { cores: 1 });
const leaf = { channels: [4, 6], strides: [2, 1], leafSize: 5 };
const dense = denseJoin.build(denseJoin.config.parse({ ...leaf, leaves: 3, joinWidths: [8, 7] }));
const average = avgJoin.build(avgJoin.config.parse({ ...leaf, leaves: 3 }));
const path = cnn.build(cnn.config.parse(leaf));
const residual = resnet50.build(resnet50.config.parse({ width: 2 }));

function network(encoder: Encoder, weights: Weights = initialise(encoder.specs, 1)): Network {
  return { encoder, ops, params: upload(encoder.specs, weights) };
}

const images = tf.randomNormal<tf.Rank.R4>([2, side, side, 3], 0, 1, "float32", 3);

for (const [name, encoder] of Object.entries({ dense, average, path })) {
  Deno.test(`integrated gradients of ${name} add up to the change of the output, to 1% of all they attribute`, () => {
    const found = integratedGradients(network(encoder), images, { steps: 256 });
    const [error] = [...completenessErrors(found, encoder.leaves)].sort((a, b) => b - a);
    assertLess(error, 0.01);
    assert(found.differences.some((difference) => Math.abs(difference) > 0.1));
  });
}

Deno.test("integrated gradients come closer to completeness with more steps", () => {
  const errorOf = (steps: number) =>
    Math.max(...completenessErrors(integratedGradients(network(dense), images, { steps }), 3));
  assertGreater(errorOf(2), 2 * errorOf(256));
});

Deno.test("completeness is not the mean gradient's: of a plain gradient times the image it is missed", () => {
  const net = network(dense);
  const { differences } = integratedGradients(net, images, { steps: 2 });
  const x = images.dataSync<"float32">();
  const size = side * side * 3;
  const attributions = Float64Array.from(
    pixelGradients(net, images),
    (gradient, i) => gradient * x[Math.floor(i / (3 * size)) * size + i % size],
  );
  assertGreater(Math.max(...completenessErrors({ attributions, differences }, 3)), 0.02);
});

Deno.test("a leaf's gradient at another image is that of the leaf alone, by finite differences", () => {
  const net = network(dense);
  const other = tf.randomNormal<tf.Rank.R4>([2, side, side, 3], 0, 1, "float32", 9);
  const gradients = pixelGradients(net, other, keptChannels(net, images));
  const { params: weightsOf, spec, finish } = dense.pathways!;
  const still = ops.pathways(images, weightsOf(net.params), spec);
  const total = (at: number, step: number) =>
    tf.tidy(() => {
      const values = other.dataSync<"float32">().slice();
      values[at] += step;
      const moved = ops.pathways(tf.tensor4d(values, other.shape), weightsOf(net.params), spec);
      const only = tf.tensor3d([0, 0, 1], [1, 3, 1]);
      const pooled = tf.add(tf.mul(moved, only), tf.mul(still, tf.sub(1, only))) as tf.Tensor3D;
      return tf.sum(finish(net.params, pooled, { ops, training: false }).embedding).dataSync()[0];
    });
  const size = side * side * 3;
  for (const at of [40, 133, size + 71]) {
    const slope = (total(at, 1e-2) - total(at, -1e-2)) / 2e-2;
    const image = Math.floor(at / size);
    assertAlmostEquals(gradients[(image * 3 + 2) * size + at % size], slope, 2e-3);
  }
});

Deno.test("SmoothGrad without noise is the gradient, with noise it depends on its seed alone", () => {
  const net = network(dense);
  const plain = smoothGradients(net, images, { samples: 2, noise: 0, seed: 0 });
  pixelGradients(net, images).forEach((value, i) => assertAlmostEquals(plain[i], value, 1e-5));
  const noisy = (seed: number) => smoothGradients(net, images, { samples: 3, seed });
  assertEquals(noisy(1), noisy(1));
  assert(noisy(1).some((value, i) => value !== noisy(2)[i]));
});

Deno.test("no method and no leaf looked at leaks into the next call, nor into the weights", () => {
  const net = network(dense);
  const weights = () => Object.values(net.params).map((tensor) => tensor.dataSync<"float32">().slice());
  const [before, kept] = [saliencyMaps(net, images), weights()];
  const other = tf.mul(images, 0.5) as tf.Tensor4D;
  const once = integratedGradients(net, images, { steps: 3 });
  smoothGradients(net, other, { samples: 2, seed: 4 });
  pixelGradients(net, other, keptChannels(net, images));
  assertEquals(saliencyMaps(net, images), before);
  assertEquals(integratedGradients(net, images, { steps: 3 }), once);
  assertEquals(weights(), kept);
  // A network in which leaf 0 is cut off is another one: what it is asked changes nothing here.
  const output = dense.specs.find(({ layout }) => layout === "grouped-linear")!.name;
  const values = initialise(dense.specs, 1);
  const cut = {
    ...values,
    [output]: values[output].map((value, i) => i < values[output].length / 3 ? 0 : value),
  };
  saliencyMaps(network(dense, cut), images);
  assertEquals(saliencyMaps(net, images), before);
});

Deno.test("methods are compared leaf by leaf, also of a net without pathways, and leave no tensor behind", async () => {
  const stream = random(8);
  const pixels = Uint8Array.from({ length: 2 * side * side * 3 }, () => stream.integer(256));
  for (const encoder of [dense, residual]) {
    const net = network(encoder);
    const gradients = await mapImages(net, pixels, { side, batch: 2 });
    const before = tf.memory().numTensors;
    const found = compareMethods(net, { pixels, gradients }, { side, samples: 2, steps: 4, seed: 0 });
    assertEquals(tf.memory().numTensors, before);
    assertEquals(found.agreements.length, encoder.leaves);
    for (const { smoothGrad, integrated } of found.agreements) {
      assert([smoothGrad, integrated].every((rho) => rho > -1 && rho <= 1 + 1e-9));
      assertGreater(smoothGrad, 0.1);
    }
  }
});

Deno.test("layers are what is made random at once: a convolution with its norm, a stage of residual blocks", () => {
  assertEquals(layersOf(dense.specs).map(({ name }) => name), [
    "leaves.conv1",
    "leaves.conv2",
    "leaves.output",
    "join.linear1",
    "join.linear2",
  ]);
  assertEquals(layersOf(residual.specs).map(({ name }) => name), [
    "stem",
    "layer1",
    "layer2",
    "layer3",
    "layer4",
  ]);
  for (const { specs } of [dense, average, path, residual]) {
    assertEquals(
      layersOf(specs).flatMap(({ parameters }) => parameters).sort(),
      specs.map(({ name }) => name).sort(),
    );
  }
});

Deno.test("randomising cascades from the output: the last step leaves nothing of the trained weights", () => {
  const [trained, fresh] = [initialise(dense.specs, 1), initialise(dense.specs, 2)];
  const layers = layersOf(dense.specs);
  const after = (depth: number) => randomised(trained, fresh, { layers, depth });
  assertEquals(after(0), trained);
  assertEquals(after(layers.length), fresh);
  const two = after(2);
  assertEquals(two["join.linear1.weight"], fresh["join.linear1.weight"]);
  assertEquals(two["leaves.output.weight"], trained["leaves.output.weight"]);
});

Deno.test("maps are wholly similar to themselves, and less so to those of fresh weights", async () => {
  const stream = random(8);
  const pixels = Uint8Array.from({ length: 4 * side * side * 3 }, () => stream.integer(256));
  const [own, other] = await Promise.all(
    [1, 2].map((seed) =>
      mapImages(network(dense, initialise(dense.specs, seed)), pixels, { side, batch: 4 })
    ),
  );
  const same = similarities(own, own, { leaves: 3, side });
  for (const value of [...same.spearman, ...same.ssim]) assertAlmostEquals(value, 1, 1e-9);
  const fresh = similarities(own, other, { leaves: 3, side });
  for (const value of [...fresh.spearman, ...fresh.ssim]) assertLess(value, 0.9);
});
