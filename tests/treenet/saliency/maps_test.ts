import * as tf from "@tensorflow/tfjs-core";
import { assertAlmostEquals, assertEquals, assertGreater, assertNotEquals } from "@std/assert";
import resnet50 from "../../../treenet/models/resnet50.ts";
import dino from "../../../treenet/methods/dino.ts";
import denseJoin from "../../../treenet/models/dense_join.ts";
import { loadOps } from "../../../treenet/ops/mod.ts";
import { initialise, upload, type Weights } from "../../../treenet/nn/parameters.ts";
import { random } from "../../../treenet/random.ts";
import { mapImages } from "../../../treenet/saliency/map_images.ts";
import { type Network, saliencyMaps } from "../../../treenet/saliency/maps.ts";
import type { Encoder } from "../../../treenet/nn/types.ts";

const side = 10;
const tree = denseJoin.build(denseJoin.config.parse({
  leaves: 3,
  channels: [4, 6],
  strides: [2, 1],
  leafSize: 5,
  joinWidths: [8, 7],
}));
const ops = await loadOps("cpu", { cores: 1 });

function network(encoder: Encoder, weights: Weights = initialise(encoder.specs, 1)): Network {
  return { encoder, ops, params: upload(encoder.specs, weights) };
}

function images(count: number, seed = 5): Uint8Array {
  const stream = random(seed);
  return Uint8Array.from({ length: count * side * side * 3 }, () => stream.integer(256));
}

const mapsOf = (of: Network, pixels: Uint8Array) => mapImages(of, pixels, { side, batch: 2 });

/** DINO's head, whose outputs are no linear function of the embedding. */
function withHead(net: Network): Network {
  const head = dino.build(
    tree.size,
    dino.config.parse({ head: { hidden: 9, bottleneck: 6, prototypes: 11 } }),
  );
  const weights = Object.entries(initialise(head.specs, 2)).map(([name, values]) => // steep, for differences to show
  [name, name.startsWith("mlp") ? values.map((value) => 10 * value) : values]);
  const params = upload(head.specs, Object.fromEntries(weights));
  return { ...net, outputs: (embeddings) => head.layers({ params, embeddings }, ops).outputs };
}

for (
  const [of, net] of [["embedding", network(tree)], ["head's outputs", withHead(network(tree))]] as const
) {
  Deno.test(`the map of a leaf is the change of the sum through that leaf alone: ${of}`, () => changes(net));
}

Deno.test("the head's outputs have other maps than the embedding, and a head that scales has those of the embedding", async () => {
  const [net, pixels] = [network(tree), images(2)];
  const own = await mapsOf(net, pixels);
  const before = tf.memory().numTensors;
  const headed = await mapsOf(withHead(net), pixels);
  assertGreater(
    Math.max(...headed.map((value, i) => Math.abs(value / Math.max(...headed) - own[i] / Math.max(...own)))),
    0.1,
  );
  assertEquals(tf.memory().numTensors, before + 8); // the head's own parameters
  const scaled = await mapsOf({ ...net, outputs: (x) => tf.mul(x, 3) as tf.Tensor2D }, pixels);
  scaled.forEach((value, i) => assertAlmostEquals(value, 3 * own[i], 1e-5));
});

function changes(net: Network): void {
  const { params: weightsOf, spec, finish } = tree.pathways!;
  const x = tf.randomNormal<tf.Rank.R4>([1, side, side, 3], 0, 1, "float32", 3);
  const maps = saliencyMaps(net, x);
  const pass = { ops, training: false };
  const still = ops.pathways(x, weightsOf(net.params), spec);
  // Leaf 1 sees a changed pixel, the others keep their values.
  const through = (pixel: number, channel: number, step: number) =>
    tf.tidy(() => {
      const values = x.dataSync().slice();
      values[3 * pixel + channel] += step;
      const moved = ops.pathways(tf.tensor4d(values, [1, side, side, 3]), weightsOf(net.params), spec);
      const only = tf.tensor3d([0, 1, 0], [1, 3, 1]);
      const pooled = tf.add(tf.mul(moved, only), tf.mul(still, tf.sub(1, only))) as tf.Tensor3D;
      const { embedding } = finish(net.params, pooled, pass);
      return tf.sum(net.outputs?.(embedding) ?? embedding).dataSync()[0];
    });
  for (const pixel of [11, 45, 72]) {
    const slopes = [0, 1, 2].map((channel) =>
      Math.abs(through(pixel, channel, 1e-2) - through(pixel, channel, -1e-2)) / 2e-2
    );
    assertAlmostEquals(maps[side * side + pixel] / Math.max(...slopes), 1, 0.02);
  }
}

Deno.test("looking at one image leaks nothing into the next: maps do not depend on order or batch", async () => {
  const net = network(tree);
  const [a, b] = [images(1, 1), images(1, 2)];
  const together = await mapsOf(net, new Uint8Array([...a, ...b]));
  const half = together.length / 2;
  assertEquals(await mapsOf(net, b), together.slice(half));
  assertEquals(await mapsOf(net, a), together.slice(0, half));
  assertNotEquals(together.slice(0, half), together.slice(half));
});

Deno.test("a leaf whose output is cut off has an empty map, the others do not", async () => {
  const weights = initialise(tree.specs, 1);
  const name = tree.specs.find(({ layout }) => layout === "grouped-linear")!.name;
  const cut = {
    ...weights,
    [name]: weights[name].map((value, i) => i < weights[name].length / 3 ? 0 : value),
  };
  const maps = await mapsOf(network(tree, cut), images(1));
  const size = side * side;
  const total = (leaf: number) => maps.slice(leaf * size, (leaf + 1) * size).reduce((a, b) => a + b, 0);
  assertEquals(total(0), 0);
  assertGreater(Math.min(total(1), total(2)), 0);
});

Deno.test("a net without pathways has one map, of the pixels' own gradient", async () => {
  const encoder = resnet50.build(resnet50.config.parse({ width: 2 }));
  const maps = await mapsOf(network(encoder), images(1));
  assertEquals(maps.length, side * side);
  assertGreater(Math.max(...maps), 0);
});

Deno.test("mapping images leaves no tensor behind", async () => {
  const net = network(tree);
  const before = tf.memory().numTensors;
  await mapsOf(net, images(3));
  assertEquals(tf.memory().numTensors, before);
});
