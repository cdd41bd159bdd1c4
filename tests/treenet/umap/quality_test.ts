import { assertAlmostEquals, assertRejects } from "@std/assert";
import { quality } from "../../../stages/treenet/umap/quality.ts";
import { column, goldenData } from "../probe/golden_data.ts";

const { x, size, labels } = goldenData();
const flat = {
  x: Float64Array.from({ length: 240 }, (_, i) => column(i % 2 === 0 ? 0 : 3)[i >> 1]),
  size: 2,
};

Deno.test("trustworthiness, continuity, overlap and silhouette equal scikit-learn's", async () => {
  const found = await quality({ x, size }, flat, { labels, neighbors: 7 });
  assertAlmostEquals(found.trustworthiness, 0.8590214067278288, 1e-12);
  assertAlmostEquals(found.continuity, 0.8593381389252949, 1e-12);
  assertAlmostEquals(found.knnOverlap, 0.269047619047619, 1e-12);
  assertAlmostEquals(found.silhouette.native, -0.03199586431485136, 1e-12);
  assertAlmostEquals(found.silhouette.layout, -0.04870088045948752, 1e-12);
});

Deno.test("a layout that is the native space keeps every neighbour", async () => {
  const found = await quality(flat, flat, { labels, neighbors: 7 });
  assertAlmostEquals(found.trustworthiness + found.continuity + found.knnOverlap, 3, 1e-12);
});

Deno.test("quality refuses as many neighbours as half the points", async () => {
  await assertRejects(() => quality(flat, flat, { labels, neighbors: 60 }), RangeError, "less than half");
});
