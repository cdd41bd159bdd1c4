import { assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { random } from "../../../treenet/random.ts";
import { crossedMean, resampling } from "../../../treenet/statistics/crossed.ts";
import { correctness, difference } from "../../../treenet/statistics/paired.ts";

const labels = Uint8Array.of(0, 1, 2, 3);

Deno.test("correctness is 1 where the class is the label, seed by seed", () => {
  const { values, seeds, images } = correctness([labels, Uint8Array.of(0, 0, 2, 0)], labels);
  assertEquals([[...values], seeds, images], [[1, 1, 1, 1, 1, 0, 1, 0], 2, 4]);
});

Deno.test("a difference pairs seed with seed, and one seed with all", () => {
  const both = correctness([labels, Uint8Array.of(9, 9, 9, 9)], labels);
  const one = correctness([Uint8Array.of(0, 9, 9, 9)], labels);
  assertEquals([...difference(both, both).values], new Array(8).fill(0));
  assertEquals([...difference(both, one).values], [0, 1, 1, 1, -1, 0, 0, 0]);
});

Deno.test("pairs of other images or seeds are refused", () => {
  const of = (seeds: number, images: number) => ({ values: new Int8Array(seeds * images), seeds, images });
  assertThrows(() => difference(of(2, 4), of(2, 3)), RangeError, "2 on 3");
  assertThrows(() => difference(of(3, 4), of(2, 4)), RangeError, "expected the same seeds");
});

Deno.test("one seed's paired standard error is McNemar's", () => {
  const stream = random(5);
  const n = 3000;
  const truth = new Uint8Array(n);
  const a = Uint8Array.from(truth, () => stream.uniform() < 0.7 ? 0 : 1);
  const b = Uint8Array.from(a, (value) => stream.uniform() < 0.9 ? value : 1 - value);
  const paired = difference(correctness([a], truth), correctness([b], truth));
  const { mean, standardError } = crossedMean(paired, resampling(n));
  const discordant = paired.values.filter((value) => value !== 0).length;
  assertAlmostEquals(standardError / (Math.sqrt(discordant - n * mean ** 2) / n), 1, 0.06);
  const apart = crossedMean(correctness([a], truth), resampling(n)).standardError;
  assertLess(standardError, 0.8 * apart);
});
