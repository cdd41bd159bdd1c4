import { assertAlmostEquals, assertEquals, assertGreater, assertMatch } from "@std/assert";
import { featureSd, findNotFinite, healthOf, rankMe, type Vitals, WINDOW } from "../../treenet/health.ts";
import { random } from "../../treenet/random.ts";

const K = 512;
const WARMUP = 20;
const HEALTHY = { loss: 5.9, teacherEntropy: 5.5, kl: 0.4, featureSd: 0.2 };

/** Steps that look healthy, then steps with the changes. */
function logOf(healthy: number, changes: Partial<Vitals>, sick = WINDOW): Vitals[] {
  return Array.from({ length: healthy + sick }, (_, i) => ({
    ...HEALTHY,
    ...i < healthy ? {} : changes,
    step: i + 1,
  }));
}

const judge = (log: readonly Vitals[], prototypes = K) => healthOf(log, { prototypes, warmupSteps: WARMUP });

Deno.test("a run is healthy if nothing is wrong with it", () => {
  assertEquals(judge(logOf(WARMUP, {})), { health: "healthy", collapsedSince: null });
});

for (
  const [sign, changes, health] of [
    ["entropy at ln K", { teacherEntropy: Math.log(K) }, "collapsed: uniform"],
    ["entropy at ln K with a vanishing KL", { teacherEntropy: Math.log(K), kl: 1e-6 }, "collapsed: uniform"],
    ["a vanishing KL", { kl: 1e-6 }, "collapsed: constant"],
    ["a vanishing KL at no entropy", { teacherEntropy: 1e-6, kl: 1e-6 }, "collapsed: constant"],
    ["one embedding for every image", { featureSd: 1e-6 }, "collapsed: constant"],
  ] as const
) {
  Deno.test(`${sign} up to the end is called ${health}, with its first step`, () => {
    assertEquals(judge(logOf(50, changes)), { health, collapsedSince: 51 });
  });
}

Deno.test("a run that recovers is healthy", () => {
  assertEquals(judge([...logOf(50, { kl: 0 }), { ...HEALTHY, step: 0 }]).health, "healthy");
});

Deno.test("a collapse shorter than the window is none yet", () => {
  assertEquals(judge(logOf(50, { kl: 0 }, WINDOW - 1)).health, "healthy");
});

Deno.test("what a new run shows during its warm-up does not count", () => {
  assertEquals(judge(logOf(0, { kl: 0 }, WARMUP + WINDOW)).collapsedSince, WARMUP + 1);
  assertEquals(judge(logOf(0, { kl: 0 }, WARMUP + WINDOW - 1)).health, "too short to judge");
});

Deno.test("a method without distributions is judged by its embeddings alone", () => {
  const none = { teacherEntropy: NaN, kl: NaN };
  assertEquals(judge(logOf(50, none), 0).health, "healthy");
  assertEquals(judge(logOf(50, { ...none, featureSd: 1e-6 }), 0).health, "collapsed: constant");
});

Deno.test("a loss and a gradient that are not finite are found and named", () => {
  assertMatch(findNotFinite({ loss: NaN }, new Map())!.found, /loss is NaN/);
  assertMatch(findNotFinite(HEALTHY, new Map([["head.mlp1.weight", Infinity]]))!.found, /head\.mlp1\.weight/);
  assertEquals(findNotFinite(HEALTHY, new Map([["head.mlp1.weight", 2]])), undefined);
});

Deno.test("feature SD is 0 for one direction and near 1 for directions drawn evenly", () => {
  assertAlmostEquals(featureSd(Float32Array.of(1, 2, 2, 4, 3, 6), 2), 0, 1e-6);
  const stream = random(1);
  const rows = Float32Array.from({ length: 4000 * 16 }, () => stream.normal());
  assertAlmostEquals(featureSd(rows, 16), 1, 0.02);
});

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
