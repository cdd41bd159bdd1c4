import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertLess,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { random } from "../../../treenet/random.ts";
import { classification, wilsonInterval } from "../../../treenet/probe/metrics.ts";
import { logSpaced, selectLinear } from "../../../treenet/probe/selection.ts";
import { LogisticProblem, predict } from "../../../treenet/probe/logistic.ts";
import { selectRows } from "../../../treenet/probe/feature_rows.ts";
import { stratifiedFolds, stratifiedSplit } from "../../../treenet/probe/split.ts";
import { CLASSES, goldenData } from "./golden_data.ts";

Deno.test("the split holds out the same share of every class and every row once", () => {
  const { labels } = goldenData();
  const { kept, held } = stratifiedSplit(labels, { share: 0.1, seed: 0 });
  assertEquals([...kept, ...held].sort((a, b) => a - b), [...labels.keys()]);
  for (let label = 0; label < CLASSES; label++) {
    assertEquals(held.filter((row) => labels[row] === label).length, 3);
  }
});

Deno.test("the split depends on its seed alone", () => {
  const { labels } = goldenData();
  const heldFor = (seed: number) => stratifiedSplit(labels, { share: 0.1, seed }).held;
  assertEquals(heldFor(1), heldFor(1));
  assertNotEquals(heldFor(1), heldFor(2));
});

Deno.test("folds hold every class and altogether equally many rows, up to one, and depend on their seed alone", () => {
  const labels = Uint8Array.from({ length: 97 }, (_, i) => i % 4);
  const fold = stratifiedFolds(labels, { folds: 5, seed: 0 });
  for (let label = 0; label < 5; label++) { // 4 stands for all classes
    const sizes = Array.from(
      { length: 5 },
      (_, of) => fold.filter((value, i) => value === of && (label === 4 || labels[i] === label)).length,
    );
    assert(Math.max(...sizes) - Math.min(...sizes) <= 1, `${sizes}`);
  }
  assertEquals(stratifiedFolds(labels, { folds: 5, seed: 0 }), fold);
  assertNotEquals(stratifiedFolds(labels, { folds: 5, seed: 1 }), fold);
});

const options = { classes: CLASSES, l2: logSpaced({ min: 1e-4, max: 10, count: 6 }), folds: 4, seed: 0 };

Deno.test("the chosen penalty has the best mean accuracy over the folds, the strongest of equals", async () => {
  const { chosen, foldwise, path, gradientNorm } = await selectLinear(goldenData(), options);
  assertEquals(path.map((each) => each.l2), [...options.l2].reverse());
  const bestBy = (value: (each: typeof path[number]) => number) =>
    path.find((each) => value(each) === Math.max(...path.map(value)))!.l2;
  assertEquals(chosen.l2, bestBy(({ accuracy }) => accuracy));
  assertEquals(foldwise.map(({ l2 }) => l2), [0, 1, 2, 3].map((fold) => bestBy(({ folds }) => folds[fold])));
  assertLess(gradientNorm, 1e-6);
});

Deno.test("every penalty and fold has the accuracy of a fit from zero to a far smaller gradient", async () => {
  const data = goldenData();
  const { path, chosen } = await selectLinear(data, options);
  const fold = stratifiedFolds(data.labels, { folds: 4, seed: 0 });
  const rows = (held: boolean, of: number) =>
    selectRows(data, [...fold.keys()].filter((i) => (fold[i] === of) === held));
  for (let of = 0; of < 4; of++) {
    const problem = await LogisticProblem.create(rows(false, of), CLASSES);
    const heldOut = rows(true, of);
    for (const { l2, folds } of path) {
      const named = predict(problem.fit({ l2, tolerance: 1e-10 }), heldOut);
      const { accuracy } = classification(named, { labels: heldOut.labels, classes: CLASSES });
      assertEquals(folds[of], accuracy);
    }
    problem.free();
  }
  const whole = await LogisticProblem.create(data, CLASSES);
  assertAlmostEquals(
    whole.fit({ l2: chosen.l2, tolerance: 1e-10 }).objective,
    chosen.classifier.objective,
    1e-11,
  );
  whole.free();
});

/** Labels that the first feature decides, up to noise, among so many features that say nothing. */
function planted(noise: number, size: number) {
  const stream = random(noise, size);
  const labels = Uint8Array.from({ length: 200 }, (_, i) => i % 2);
  const x = Float64Array.from(
    { length: 200 * size },
    (_, at) =>
      stream.normal() * (at % size === 0 ? noise : 1) + (at % size === 0 ? labels[Math.floor(at / size)] : 0),
  );
  return { x, labels, size };
}

Deno.test("many features of noise ask for a stronger penalty than one clean feature", async () => {
  const choose = async (noise: number, size: number) =>
    (await selectLinear(planted(noise, size), { ...options, classes: 2, l2: [1e-5, 0.3] })).chosen.l2;
  assertEquals(await choose(0.5, 60), 0.3);
  const { path } = await selectLinear(planted(0.05, 1), { ...options, classes: 2, l2: [1e-5, 0.3] });
  assertEquals(path.map(({ accuracy }) => accuracy), [1, 1]); // equals: the stronger is taken
  assertEquals(await choose(0.05, 1), 0.3);
});

Deno.test("curvature at another fit changes the number of steps and not the minimum", async () => {
  const data = planted(0.3, 12);
  data.x.forEach((value, at) => at % 12 === 3 && (data.x[at] = Math.sinh(2 * value))); // a heavy tail
  const problem = await LogisticProblem.create(data, 2);
  const plain = problem.fit({ l2: 1e-4, tolerance: 1e-9 });
  const curvature = problem.curvatureAt(plain);
  const helped = problem.fit({ l2: 1e-4, tolerance: 1e-9, curvature });
  problem.free();
  assertAlmostEquals(helped.objective, plain.objective, 1e-12);
  assertLess(helped.iterations, plain.iterations);
});

Deno.test("a tolerance below what float64 reaches is an error", async () => {
  await assertRejects(
    () => selectLinear(goldenData(), { ...options, tolerance: 1e-30 }),
    RangeError,
    "try a larger tolerance",
  );
});

Deno.test("the same features give the same classifier, bit for bit", async () => {
  const fit = () => selectLinear(goldenData(), options);
  assertEquals((await fit()).chosen.classifier.weights, (await fit()).chosen.classifier.weights);
});

Deno.test("log-spaced values include both ends", () => {
  const values = logSpaced({ min: 1e-5, max: 10, count: 15 });
  assertAlmostEquals(values[0], 1e-5, 1e-18);
  assertAlmostEquals(values[14], 10, 1e-12);
  assertAlmostEquals(values[8] / values[7], values[1] / values[0], 1e-12);
});

Deno.test("a confusion matrix has true classes in its rows", () => {
  const labels = Uint8Array.of(0, 0, 1, 1);
  const { accuracy, perClass, confusion } = classification(Uint8Array.of(0, 1, 1, 1), { labels, classes: 3 });
  assertEquals(confusion, [[1, 1, 0], [0, 2, 0], [0, 0, 0]]);
  assertEquals([accuracy, ...perClass], [0.75, 0.5, 1, null]);
});

Deno.test("Wilson's interval equals published values", () => {
  // 10 of 100: Brown, Cai and DasGupta's formula by hand, [0.0552, 0.1744].
  const [low, high] = wilsonInterval(0.1, 100);
  assertAlmostEquals(low, 0.0552, 1e-4);
  assertAlmostEquals(high, 0.1744, 1e-4);
  assertEquals(wilsonInterval(0, 50)[0], 0);
});

Deno.test("metrics: the accuracy on no image at all is refused, and so is a penalty chosen by it", async () => {
  const none = { labels: new Uint8Array(), classes: 10 };
  assertThrows(() => classification(new Uint8Array(), none), RangeError, "there are no images to count");
  const train = {
    x: new Float32Array(4).map((_, i) => i % 7),
    labels: new Uint8Array(4).map((_, i) => i % 4),
    size: 1,
  };
  const few = { ...options, l2: [1, 0.1], folds: 5 };
  await assertRejects(() => selectLinear(train, few), RangeError, "hold out a larger share");
});
