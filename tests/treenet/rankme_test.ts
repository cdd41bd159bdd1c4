import { assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { rankMe } from "../../stages/treenet/rankme.ts";
import { random } from "../../stages/treenet/random.ts";

Deno.test("RankMe of rows along axes is exp of the entropy of their lengths' shares", () => {
  // Singular values 3, 2 and 1.
  const rows = Float32Array.of(3, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 1);
  const entropy = -[3, 2, 1].reduce((sum, s) => sum + s / 6 * Math.log(s / 6), 0);
  assertAlmostEquals(rankMe(rows, 4), Math.exp(entropy), 1e-4);
});

Deno.test("RankMe does not depend on which of rows and features are more", () => {
  const stream = random(2);
  const wide = Float32Array.from({ length: 3 * 7 }, () => stream.normal());
  const tall = Float32Array.from(wide, (_, i) => wide[(i % 3) * 7 + Math.floor(i / 3)]);
  assertAlmostEquals(rankMe(wide, 7), rankMe(tall, 3), 1e-4);
});

Deno.test("RankMe is 1 for one direction and near the width for many even ones", () => {
  assertAlmostEquals(rankMe(Float32Array.of(1, 2, 2, 4, -3, -6), 2), 1, 1e-4);
  const stream = random(1);
  assertGreater(rankMe(Float32Array.from({ length: 400 * 8 }, () => stream.normal()), 8), 7.9);
});

Deno.test("RankMe of zeros is 1, and of numbers that are not finite NaN", () => {
  assertEquals(rankMe(new Float32Array(8), 4), 1);
  assertEquals(rankMe(Float32Array.of(1, NaN, 2, 3), 2), NaN);
});
