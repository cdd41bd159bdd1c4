import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { type Quality, quality, rangeOfQuality } from "../../../treenet/umap/quality.ts";
import { type Points, spaceOf } from "../../../treenet/umap/space.ts";
import { column, goldenData } from "../probe/golden_data.ts";

const { x, size, labels } = goldenData();
const flat = {
  x: Float64Array.from({ length: 240 }, (_, i) => column(i % 2 === 0 ? 0 : 3)[i >> 1]),
  size: 2,
};

const compared = (native: Points, layout: Points, neighbors: number) =>
  quality(spaceOf(native, neighbors), spaceOf(layout, neighbors), { labels });

Deno.test("trustworthiness, continuity, overlap and silhouette equal scikit-learn's", async () => {
  const found = await compared({ x, size }, flat, 7);
  assertAlmostEquals(found.trustworthiness, 0.8590214067278288, 1e-12);
  assertAlmostEquals(found.continuity, 0.8593381389252949, 1e-12);
  assertAlmostEquals(found.knnOverlap, 0.269047619047619, 1e-12);
  assertAlmostEquals(found.silhouette.native, -0.03199586431485136, 1e-12);
  assertAlmostEquals(found.silhouette.layout, -0.04870088045948752, 1e-12);
});

Deno.test("a layout that is the native space keeps every neighbour", async () => {
  const found = await compared(flat, flat, 7);
  assertAlmostEquals(found.trustworthiness + found.continuity + found.knnOverlap, 3, 1e-12);
});

Deno.test("quality refuses as many neighbours as half the points", async () => {
  await assertRejects(() => compared(flat, flat, 60), RangeError, "less than half");
});

Deno.test("the range of a measure over layouts holds its mean, least and greatest", () => {
  const of = (trustworthiness: number): Quality => ({
    trustworthiness,
    continuity: 0.5,
    knnOverlap: 0.25,
    silhouette: { native: 0.1, layout: -trustworthiness },
  });
  const { mean, low, high } = rangeOfQuality([of(0.5), of(1), of(0.75)]);
  assertEquals([low, mean, high].map(({ trustworthiness }) => trustworthiness), [0.5, 0.75, 1]);
  assertEquals([low, mean, high].map(({ silhouette }) => silhouette.layout), [-1, -0.75, -0.5]);
  assertEquals([low, mean, high].map(({ continuity }) => continuity), [0.5, 0.5, 0.5]);
});
