import * as tf from "@tensorflow/tfjs-core";
import { assertAlmostEquals, assertEquals, assertGreater, assertLess, assertThrows } from "@std/assert";
import avgJoin from "../../../treenet/models/avg_join.ts";
import cnn from "../../../treenet/models/cnn.ts";
import denseJoin from "../../../treenet/models/dense_join.ts";
import { encode } from "../../../treenet/nn/features.ts";
import { loadOps } from "../../../treenet/ops/mod.ts";
import { initialise, upload } from "../../../treenet/nn/parameters.ts";
import { random } from "../../../treenet/random.ts";
import { halvesOf } from "../../../treenet/saliency/leaves/halves.ts";
import { embed, lesions } from "../../../treenet/saliency/leaves/lesion.ts";
import { ridgeClassifier } from "../../../treenet/saliency/leaves/ridge.ts";
import { selectivities } from "../../../treenet/saliency/leaves/selectivity.ts";
import type { Encoder } from "../../../treenet/nn/types.ts";

const ops = await loadOps("cpu", { cores: 1 });
const classes = 10;
const labels = Uint8Array.from({ length: 400 }, (_, i) => i % classes);
const halves = halvesOf(labels, 0);
const size = 12;
const average = avgJoin.build(
  avgJoin.config.parse({ leaves: 3, channels: [4], strides: [4], leafSize: size }),
);

function network(encoder: Encoder) {
  return { encoder, ops, params: upload(encoder.specs, initialise(encoder.specs, 1)) };
}

/** Leaf 0 tells class 3 from the others, leaf 1 classes 5 and 6, leaf 2 nothing. */
function outputs() {
  const stream = random(2);
  const known = [[3], [5, 6], []];
  const x = Float32Array.from({ length: labels.length * 3 * size }, (_, i) => {
    const [leaf, label] = [Math.floor(i / size) % 3, labels[Math.floor(i / (3 * size))]];
    return stream.normal() + (known[leaf].includes(label) && i % size === label ? 9 : 0);
  });
  return { x, leaves: 3, size };
}

Deno.test("a lesion costs the classes that its leaf told apart, and a leaf that knows nothing costs nothing", async () => {
  const net = network(average);
  const embeddings = embed(net, outputs(), 50);
  const probe = await ridgeClassifier(embeddings, { labels, size, classes, alpha: 0.1 });
  const before = tf.memory().numTensors;
  const found = lesions(net, outputs(), {
    meanOf: halves.selection,
    measuredOn: halves.measurement,
    labels,
    classes,
    probe,
    batch: 64,
  });
  assertEquals(tf.memory().numTensors, before);
  assertLess(found[0].recalls[3], -0.5);
  assertLess(found[1].recalls[5] + found[1].recalls[6], -1);
  assertLess(Math.abs(found[2].accuracy), 0.05);
  assertLess(found[1].accuracy, found[0].accuracy);
});

Deno.test("leaves that are joined intact give the network's own embedding", async () => {
  const encoder = denseJoin.build(
    denseJoin.config.parse({ leaves: 3, channels: [4, 6], strides: [3, 2], leafSize: 5, joinWidths: [8, 7] }),
  );
  const stream = random(4);
  const images = Uint8Array.from({ length: 7 * 3072 }, () => stream.integer(256));
  const weights = initialise(encoder.specs, 1);
  const { embeddings, leaves, leafSize } = await encode(encoder, weights, {
    images,
    ops,
    batch: 7,
    size: 32,
  });
  const joined = embed(network(encoder), { x: leaves!, leaves: 3, size: leafSize! }, 4);
  joined.forEach((value, i) => assertAlmostEquals(value, embeddings[i], 1e-5));
});

Deno.test("a network that is no tree has no leaf to lose", () => {
  const path = network(cnn.build(cnn.config.parse({ channels: [4], strides: [4], leafSize: size })));
  assertThrows(() => embed(path, outputs(), 50), RangeError, "no tree");
});

Deno.test("a channel that fires for one class is selective, one of noise is not, a silent one is dead", () => {
  const stream = random(5);
  const x = Float32Array.from({ length: labels.length * 2 * 3 }, (_, i) => {
    const [channel, leaf, label] = [i % 3, Math.floor(i / 3) % 2, labels[Math.floor(i / 6)]];
    if (channel === 2) return 0;
    return leaf === 0 && channel === 0 ? (label === 4 ? 1 : 0) : stream.uniform();
  });
  const [first, second] = selectivities({ x, leaves: 2, channels: 3 }, { labels, classes, halves });
  assertEquals(first.highest, 1);
  assertAlmostEquals(first.dead, 1 / 3, 1e-12);
  assertGreater(first.mean, 0.4); // of 1 and of noise
  assertLess(Math.abs(second.highest), 0.1);
});

Deno.test("the class a channel prefers is chosen on one half: of many channels of noise the mean index is 0", () => {
  const stream = random(6);
  const channels = 200;
  const x = Float32Array.from({ length: labels.length * channels }, () => stream.uniform());
  const [{ mean }] = selectivities({ x, leaves: 1, channels }, { labels, classes, halves });
  assertLess(Math.abs(mean), 0.01); // on one half alone the largest of ten means would give about 0.1
});
