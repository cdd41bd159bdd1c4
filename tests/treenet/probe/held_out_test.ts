import { assert, assertEquals, assertRejects } from "@std/assert";
import type { LabelledFeatures } from "../../../treenet/probe/feature_rows.ts";
import { heldOutProbe } from "../../../treenet/probe/held_out.ts";
import { LogisticProblem, predict } from "../../../treenet/probe/logistic.ts";
import { classification } from "../../../treenet/probe/metrics.ts";
import { random } from "../../../treenet/random.ts";

/** Three classes on three corners, as far apart as `distance` standard deviations. */
function blobs(n: number, { seed, distance }: { seed: number; distance: number }): LabelledFeatures {
  const stream = random(seed);
  const labels = Uint8Array.from({ length: n }, (_, i) => i % 3);
  const x = Float32Array.from(
    { length: n * 6 },
    (_, i) => stream.normal() + (i % 6 === labels[Math.floor(i / 6)] ? distance : 0),
  );
  return { x, labels, size: 6 };
}

const parts = (distance: number) => ({
  fitted: blobs(60, { seed: 1, distance }),
  validated: blobs(60, { seed: 2, distance }),
  tested: blobs(300, { seed: 3, distance }),
});

Deno.test("a held-out probe knows classes that lie apart, and none that do not", async () => {
  const far = await heldOutProbe(parts(9), { classes: 3, l2: [0.01] });
  assertEquals([far.validated, far.tested], [1, 1]);
  const { tested } = await heldOutProbe(parts(0), { classes: 3, l2: [0.01] });
  assert(tested > 0.2 && tested < 0.46, `${tested}`);
});

Deno.test("a held-out probe is fitted on the first part and takes the penalty that is best on the second", async () => {
  const given = parts(1.2);
  const candidates = [10, 0.1, 1e-4];
  const problem = await LogisticProblem.create(given.fitted, 3);
  const alone = candidates.map((l2) => {
    const classifier = problem.fit({ l2, tolerance: 1e-6 });
    const accuracy = (on: LabelledFeatures) =>
      classification(predict(classifier, on), { labels: on.labels, classes: 3 }).accuracy;
    return { l2, validated: accuracy(given.validated), tested: accuracy(given.tested) };
  });
  problem.free();
  const best = alone.reduce((a, b) => b.validated > a.validated ? b : a);
  const found = await heldOutProbe(given, { classes: 3, l2: candidates.toReversed() });
  assertEquals(found.l2, best.l2);
  assert(Math.abs(found.tested - best.tested) < 0.01);
});

Deno.test("a held-out probe stops when it is told to", async () => {
  const pause = () => Promise.reject(new Error("enough"));
  await assertRejects(() => heldOutProbe(parts(1), { classes: 3, l2: [0.1], pause }), Error, "enough");
});
