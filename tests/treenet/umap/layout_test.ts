import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertLess,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { random } from "../../../treenet/random.ts";
import { layout, prepare, scaledStart } from "../../../treenet/umap/layout.ts";
import { principalScores } from "../../../treenet/linalg/pca.ts";
import { quality } from "../../../treenet/umap/quality.ts";
import { spaceOf } from "../../../treenet/umap/space.ts";
import { goldenData } from "../probe/golden_data.ts";

const size = 5;
const stream = random(3);
const labels = Uint8Array.from({ length: 90 }, (_, i) => i % 3);
const clusters = Float32Array.from(
  { length: 90 * size },
  (_, i) => stream.normal() + (i % size === labels[Math.floor(i / size)] ? 12 : 0),
);
const prepared = prepare({ x: clusters, size }, spaceOf({ x: clusters, size }, 15));

Deno.test("the same seed gives the same layout, another seed another", async () => {
  const first = await layout(prepared, { seed: 0, epochs: 100 });
  assertEquals(await layout(prepared, { seed: 0, epochs: 100 }), first);
  assertNotEquals(await layout(prepared, { seed: 1, epochs: 100 }), first);
});

Deno.test("well separated classes stay separate in the layout", async () => {
  const points = await layout(prepared, { seed: 0 });
  const found = await quality(prepared.space, spaceOf({ x: points, size: 2 }, 15), { labels });
  assertGreater(found.silhouette.layout, 0.7);
  assertGreater(found.trustworthiness, 0.9);
});

Deno.test("a layout starts from the principal components: after one epoch it is near them", async () => {
  const points = await layout(prepared, { seed: 0, epochs: 1 });
  const start = scaledStart(prepared.scores, random(0));
  const distances = Array.from(points, (value, i) => Math.abs(value - start[i])).sort((a, b) => a - b);
  // An epoch moves a point by at most a few units; umap-js' own start would be 20 wide and unrelated.
  assertLess(distances[Math.floor(distances.length / 2)], 2);
});

Deno.test("a layout of no more points than neighbours is refused", () => {
  const few = { x: clusters.slice(0, 15 * size), size };
  assertThrows(() => prepare(few, spaceOf(few, 15)), RangeError, "fewer neighbours");
});

// Computed with scikit-learn 1.9.1 on goldenData() in float32.
const GOLDEN_SCORES = [
  [0, 0.9048457019393124, 0.04587401427331318],
  [1, -1.0723472201298554, 0.8471126347558638],
  [77, -0.8118400444578312, 1.6327162124862282],
];

Deno.test("principal scores equal scikit-learn's PCA", () => {
  const scores = principalScores(Float32Array.from(goldenData().x), { size: 6, components: 2 });
  for (const [row, ...expected] of GOLDEN_SCORES) {
    expected.forEach((value, c) => assertAlmostEquals(scores[2 * row + c], value, 1e-5));
  }
});

Deno.test("principal scores of more columns than points, and of fewer directions than asked, are found", () => {
  const line = Float32Array.from({ length: 6 * 40 }, (_, i) => Math.floor(i / 40) * (i % 40 === 3 ? 2 : 1));
  const scores = principalScores(line, { size: 40, components: 2 });
  const first = scores.filter((_, i) => i % 2 === 0);
  const length = Math.sqrt(39 + 4); // of the direction, per step of a point
  assertAlmostEquals(Math.max(...first) - Math.min(...first), 5 * length, 1e-9);
  assert(scores.every((value, i) => i % 2 === 0 || Math.abs(value) < 1e-6));
});

Deno.test("the start is umap-learn's: each axis from 0 to 10", () => {
  const scores = principalScores(Float32Array.from(goldenData().x), { size: 6, components: 2 });
  const start = scaledStart(scores, random(1));
  const expected = [
    5.7720096113123684,
    4.953338282169922,
    3.2954569456624383,
    7.501531339671235,
    4.996766506566464,
    3.243614854988371,
  ];
  // umap-learn's own noise has a standard deviation of 1e-4.
  expected.forEach((value, i) => assertAlmostEquals(start[i], value, 2e-3));
  assertEquals([0, 1].map((axis) => Math.max(...start.filter((_, i) => i % 2 === axis))), [10, 10]);
});
