import { assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { random } from "../../../treenet/random.ts";
import { consistencyOf, permutedOrders } from "../../../treenet/saliency/consistency.ts";
import { flip, jitter } from "../../../treenet/saliency/perturbation.ts";

const labels = Uint8Array.from({ length: 24 }, (_, i) => i % 4);
const orders = permutedOrders(labels.length, 0);
const noise = (seed: number) => {
  const stream = random(seed);
  return Float32Array.from({ length: 64 }, () => stream.uniform());
};

Deno.test("maps made of their class follow every change and agree within it", () => {
  const maps = Array.from(
    labels,
    (label, i) => noise(label).map((value, p) => value + 0.3 * noise(50 + i)[p]),
  );
  const found = consistencyOf({ plain: maps, flipped: maps, jittered: maps }, {
    labels,
    orders,
  });
  assertAlmostEquals(found.flipCorrelation, 1, 1e-12);
  assertEquals(found.jitterOverlap, 1);
  assertGreater(found.withinClass, found.betweenClass);
  assertEquals(found.agreementP, 1 / 10_000);
});

Deno.test("maps of noise follow nothing and agree by chance alone", () => {
  const maps = (from: number) => Array.from(labels, (_, i) => noise(from + i));
  const sets = { plain: maps(0), flipped: maps(100), jittered: maps(200) };
  const found = consistencyOf(sets, { labels, orders });
  assertLess(Math.abs(found.flipCorrelation), 0.1);
  assertLess(found.flipOverlap, 0.15);
  assertLess(Math.abs(found.withinClass - found.betweenClass), 0.05);
  assertGreater(found.agreementP, 0.05);
});

Deno.test("flipping mirrors every row and twice gives the image back", () => {
  assertEquals(
    flip(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), 2, 3),
    Uint8Array.of(4, 5, 6, 1, 2, 3, 10, 11, 12, 7, 8, 9),
  );
  assertEquals(flip(flip(noise(1), 8, 1), 8, 1), noise(1));
});

Deno.test("jitter changes colours, keeps a grey image grey and depends on its stream alone", () => {
  const grey = Uint8Array.from({ length: 48 }, (_, i) => 10 * Math.floor(i / 3));
  const out = jitter(grey, random(4));
  assertEquals(out, jitter(grey, random(4)));
  for (let at = 0; at < 48; at += 3) assertEquals([out[at + 1], out[at + 2]], [out[at], out[at]]);
  assertGreater(out.filter((value, i) => value !== grey[i]).length, 12);
});
