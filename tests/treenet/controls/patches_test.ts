import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { assign, kmeans } from "../../../treenet/linalg/kmeans.ts";
import { learnDictionary, patchFeatures } from "../../../treenet/controls/patch_features.ts";
import { drawPatches, everyPatch, places } from "../../../treenet/controls/patches.ts";
import { whitened, whiteningOf } from "../../../treenet/controls/whitening.ts";
import { loadOps } from "../../../treenet/ops/mod.ts";
import { random } from "../../../treenet/random.ts";

const side = 8;

/** Noise on slopes that differ from image to image. */
function noise(count: number, seed = 1) {
  const stream = random(seed);
  const bytes = Uint8Array.from({ length: count * side * side * 3 }, (_, at) => {
    const image = Math.floor(at / (side * side * 3));
    return 40 + 20 * (Math.floor(at / 3) % side) * ((image % 3) / 2) + stream.integer(60);
  });
  return { bytes, side };
}

const options = { size: 3, stride: 2, centroids: 5, count: 300, iterations: 8, epsilon: 0.1 };

Deno.test("a patch has mean 0, and variance 1 but for the constant against flat ones", () => {
  const patches = drawPatches(noise(4), { size: 3, count: 50, stream: random(2) });
  assertEquals(patches.length, 50 * 27);
  for (let i = 0; i < 50; i++) {
    const patch = [...patches.subarray(27 * i, 27 * (i + 1))];
    assertAlmostEquals(patch.reduce((sum, value) => sum + value, 0), 0, 1e-4);
    const variance = patch.reduce((sum, value) => sum + value ** 2, 0) / 27;
    assert(variance > 0.9 && variance < 1, `${variance}`);
  }
  const flat = drawPatches({ bytes: new Uint8Array(192).fill(9), side }, {
    size: 3,
    count: 1,
    stream: random(2),
  });
  assertEquals([...flat], new Array(27).fill(0));
});

Deno.test("every patch of an image is there, row by row, at its stride", () => {
  const images = noise(2);
  assertEquals([places(8, { size: 3, stride: 1 }), places(8, { size: 3, stride: 2 })], [6, 3]);
  const [dense, sparse] = [1, 2].map((stride) => everyPatch(images, 1, { size: 3, stride }));
  const at = (all: Float32Array, i: number) => [...all.subarray(27 * i, 27 * (i + 1))];
  assertEquals(at(sparse, 4), at(dense, 2 * 6 + 2));
  assertEquals(at(sparse, 8), at(dense, 4 * 6 + 4));
});

Deno.test("whitened rows have no mean and no correlation", () => {
  const rows = drawPatches(noise(30), { size: 2, count: 2000, stream: random(3) });
  const white = whitened(rows, whiteningOf(rows, { size: 12, epsilon: 1e-6 }));
  for (let j = 0; j < 12; j++) {
    for (let k = 0; k <= j; k++) {
      let product = 0;
      for (let i = 0; i < 2000; i++) product += white[12 * i + j] * white[12 * i + k] / 2000;
      // Patches have mean 0: their twelve numbers span eleven directions, and no rotation: 1 − 1/12 and −1/12.
      assertAlmostEquals(product, (j === k ? 1 : 0) - 1 / 12, 2e-2);
    }
  }
});

Deno.test("k-means finds three clouds, and every row its nearest centroid", async () => {
  const ops = await loadOps("cpu", { cores: 1 });
  const stream = random(4);
  const middles = [[0, 0], [10, 0], [0, 10]];
  const rows = Float32Array.from(
    { length: 600 },
    (_, at) => middles[Math.floor(at / 2) % 3][at % 2] + stream.normal(),
  );
  const centres = await kmeans(rows, { ops, size: 2, centroids: 3, iterations: 20, stream: random(6) });
  const nearest = await assign(rows, centres, { ops, size: 2 });
  nearest.forEach((centre, row) => {
    const distance = (c: number) =>
      (rows[2 * row] - centres[2 * c]) ** 2 + (rows[2 * row + 1] - centres[2 * c + 1]) ** 2;
    assert([0, 1, 2].every((other) => distance(centre) <= distance(other) + 1e-4));
  });
  for (const [x, y] of middles) {
    const gaps = [0, 1, 2].map((c) => Math.hypot(centres[2 * c] - x, centres[2 * c + 1] - y));
    assert(Math.min(...gaps) < 0.5, `${gaps}`);
  }
  await assertRejects(
    () => kmeans(rows, { ops, size: 2, centroids: 301, iterations: 1, stream }),
    RangeError,
    "301 centroids of 300 rows",
  );
  ops.close();
});

Deno.test("features are the triangle activations of whitened patches, summed over quadrants", async () => {
  const ops = await loadOps("cpu", { cores: 1 });
  const images = noise(6);
  const dictionary = await learnDictionary(images, { ...options, ops, seed: 0 });
  const features = await patchFeatures(images, dictionary, { ops });
  const [k, along] = [options.centroids, 3];
  assertEquals(features.length, 6 * 4 * k);
  const expected = new Float64Array(4 * k);
  const white = whitened(everyPatch(images, 5, options), dictionary.whitening);
  for (let patch = 0; patch < along * along; patch++) {
    const x = white.subarray(27 * patch, 27 * (patch + 1));
    const z = Array.from(
      { length: k },
      (_, c) =>
        Math.sqrt(x.reduce((sum, value, j) => sum + (value - dictionary.centres[27 * c + j]) ** 2, 0)),
    );
    const mean = z.reduce((sum, value) => sum + value, 0) / k;
    const [column, row] = [patch % along, Math.floor(patch / along)];
    const quadrant = 2 * (row >= along / 2 ? 1 : 0) + (column >= along / 2 ? 1 : 0);
    z.forEach((distance, c) => expected[quadrant * k + c] += Math.max(0, mean - distance));
  }
  expected.forEach((value, at) => assertAlmostEquals(features[5 * 4 * k + at], value, 1e-3));
  ops.close();
});

Deno.test("the same seed gives the same features, on one core or two", async () => {
  const made = async (cores: number) => {
    const ops = await loadOps("wasm", { cores });
    const dictionary = await learnDictionary(noise(6), { ...options, ops, seed: 3 });
    const features = await patchFeatures(noise(3, 2), dictionary, { ops });
    ops.close();
    return features;
  };
  assertEquals(await made(1), await made(2));
});
