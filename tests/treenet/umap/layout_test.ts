import { assertEquals, assertGreater, assertNotEquals, assertRejects } from "@std/assert";
import { random } from "../../../stages/treenet/random.ts";
import { layout } from "../../../stages/treenet/umap/layout.ts";
import { quality } from "../../../stages/treenet/umap/quality.ts";

const size = 5;
const stream = random(3);
const labels = Uint8Array.from({ length: 90 }, (_, i) => i % 3);
const clusters = Float32Array.from(
  { length: 90 * size },
  (_, i) => stream.normal() + (i % size === labels[Math.floor(i / size)] ? 12 : 0),
);

Deno.test("the same seed gives the same layout, another seed another", async () => {
  const first = await layout(clusters, size, { seed: 0 });
  assertEquals(await layout(clusters, size, { seed: 0 }), first);
  assertNotEquals(await layout(clusters, size, { seed: 1 }), first);
});

Deno.test("well separated classes stay separate in the layout", async () => {
  const points = await layout(clusters, size, { seed: 0 });
  const found = await quality({ x: clusters, size }, { x: points, size: 2 }, { labels, neighbors: 10 });
  assertGreater(found.silhouette.layout, 0.7);
  assertGreater(found.trustworthiness, 0.9);
});

Deno.test("a layout of no more points than neighbours is refused", async () => {
  await assertRejects(
    () => layout(clusters.slice(0, 15 * size), size, { seed: 0 }),
    RangeError,
    "fewer neighbours",
  );
});
