import { assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { random } from "../../../treenet/random.ts";
import { mcnemar } from "../../../treenet/statistics/mcnemar.ts";
import { normalQuantile, normalTail } from "../../../treenet/statistics/normal.ts";

/** Two classifiers on 5,000 images, with so many on which one alone is right. */
function pair(better: number, worse: number) {
  const one = Uint8Array.from({ length: 5000 }, (_, i) => i < better || i % 3 === 0 && i > 3000 ? 1 : 0);
  const other = one.map((right, i) => i < better ? 0 : i < better + worse ? 1 : right);
  return { one, other };
}

// Golden values: golden.py, SciPy 1.17.1 and statsmodels 0.15.0 (whose two-sided p is twice this one).
Deno.test("McNemar's exact p equals SciPy's binomial test and half of statsmodels' two-sided one", () => {
  const expected = [[9, 3, 0.072998046875], [40, 31, 0.17123549920993397], [
    1300,
    1200,
    0.023840932610521722,
  ]];
  for (const [better, worse, p] of expected) {
    const { one, other } = pair(better, worse);
    const found = mcnemar(one, other);
    assertEquals([found.better, found.discordant], [better, better + worse]);
    assertAlmostEquals(found.p, p, 1e-10);
  }
});

Deno.test("two classifiers that are right together are no different, and any difference of one kind is as rare as its coins", () => {
  const right = Uint8Array.of(1, 0, 1, 1);
  assertEquals(mcnemar(right, right), { discordant: 0, better: 0, p: 1 });
  assertAlmostEquals(mcnemar(Uint8Array.of(1, 1, 1), Uint8Array.of(0, 0, 0)).p, 1 / 8, 1e-12);
  assertAlmostEquals(mcnemar(Uint8Array.of(0, 0), Uint8Array.of(1, 1)).p, 1, 1e-12);
});

/** Share of 1,000 worlds in which a classifier that is right with this probability passes at 5% against one with 0.3. */
function passing(probability: number): number {
  const stream = random(3);
  const passed = Array.from({ length: 1000 }, () => {
    const shared = Array.from({ length: 1000 }, () => stream.uniform());
    const right = (p: number) =>
      Uint8Array.from(shared, (ease) => 0.5 * ease + 0.5 * stream.uniform() < 0.5 * p + 0.05 ? 1 : 0);
    return mcnemar(right(probability), right(0.3)).p <= 0.05;
  });
  return passed.filter((each) => each).length / 1000;
}

Deno.test("McNemar's test finds a classifier that is better, and takes an equal one for better in at most 5%", () => {
  assertLess(passing(0.3), 0.05 + 3 * Math.sqrt(0.05 * 0.95 / 1000));
  assertGreater(passing(0.4), 0.8);
});

Deno.test("the normal tail equals SciPy's, however small", () => {
  const expected = [
    [-1, 0.8413447460685429],
    [0, 0.5],
    [1.5, 0.06680720126885807],
    [4, 3.167124183311986e-05],
    [9, 1.1285884059538324e-19],
  ];
  for (const [z, tail] of expected) assertAlmostEquals(normalTail(z) / tail, 1, 1e-6);
  assertAlmostEquals(normalQuantile(0.01), 2.3263478740408408, 1e-5);
});
