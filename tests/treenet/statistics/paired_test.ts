import { assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { random } from "../../../treenet/random.ts";
import { crossedMean } from "../../../treenet/statistics/crossed.ts";
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

Deno.test("repetitions are paired by their number, and the reported classifiers with each other", () => {
  const [right, wrong] = [labels, Uint8Array.of(9, 9, 9, 9)];
  const a = correctness([{ predictions: right, repetitions: [right, wrong] }], labels);
  const b = correctness([{ predictions: wrong, repetitions: [wrong, wrong] }], labels);
  const both = difference(a, b);
  assertEquals([...both.values], [1, 1, 1, 1, 0, 0, 0, 0]);
  assertEquals([...both.reported!], [1, 1, 1, 1]);
  assertEquals(crossedMean(both).mean, 1);
  const once = difference(a, correctness([right], labels));
  assertEquals([[...once.values], [...once.reported!]], [[0, 0, 0, 0, -1, -1, -1, -1], [0, 0, 0, 0]]);
  assertThrows(
    () => correctness([{ repetitions: [right] }, { repetitions: [right, wrong] }], labels),
    RangeError,
    "numbers of repetitions",
  );
});

Deno.test("pairs of other images or seeds are refused", () => {
  const of = (seeds: number, images: number, repetitions = 1) => ({
    values: new Int8Array(seeds * repetitions * images),
    seeds,
    repetitions,
    images,
  });
  assertThrows(() => difference(of(2, 4), of(2, 3)), RangeError, "on 3 images");
  assertThrows(() => difference(of(3, 4), of(2, 4)), RangeError, "expected the same seeds");
  assertThrows(() => difference(of(3, 4, 5), of(3, 4, 2)), RangeError, "2 repetitions");
});

Deno.test("one seed's paired standard error is McNemar's", () => {
  const stream = random(5);
  const n = 3000;
  const truth = new Uint8Array(n);
  const a = Uint8Array.from(truth, () => stream.uniform() < 0.7 ? 0 : 1);
  const b = Uint8Array.from(a, (value) => stream.uniform() < 0.9 ? value : 1 - value);
  const paired = difference(correctness([a], truth), correctness([b], truth));
  const { mean, standardError } = crossedMean(paired);
  const discordant = paired.values.filter((value) => value !== 0).length;
  assertAlmostEquals(standardError / (Math.sqrt(discordant - n * mean ** 2) / n), 1, 0.06);
  const apart = crossedMean(correctness([a], truth)).standardError;
  assertLess(standardError, 0.8 * apart);
});
