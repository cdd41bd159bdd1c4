import { assertAlmostEquals, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { classification, wilsonInterval } from "../../../treenet/probe/metrics.ts";
import { logSpaced, selectLinear } from "../../../treenet/probe/selection.ts";
import { stratifiedSplit } from "../../../treenet/probe/split.ts";
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

Deno.test("the chosen penalty has the best held-out accuracy, the strongest of equals", async () => {
  const l2 = logSpaced({ min: 1e-4, max: 10, count: 6 });
  const { l2: chosen, path } = await selectLinear(goldenData(), {
    classes: CLASSES,
    l2,
    holdout: 0.3,
    seed: 0,
  });
  const best = Math.max(...path.map(({ accuracy }) => accuracy));
  assertEquals(path.map((each) => each.l2), [...l2].reverse());
  assertEquals(chosen, path.find(({ accuracy }) => accuracy === best)!.l2);
});

Deno.test("the same features give the same classifier, bit for bit", async () => {
  const fit = () => selectLinear(goldenData(), { classes: CLASSES, l2: [0.01, 0.1], holdout: 0.2, seed: 0 });
  assertEquals((await fit()).classifier.weights, (await fit()).classifier.weights);
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
    x: new Float32Array(40).map((_, i) => i % 7),
    labels: new Uint8Array(40).map((_, i) => i % 10),
    size: 1,
  };
  const options = { classes: 10, l2: [1, 0.1], holdout: 0.1, seed: 0 };
  await assertRejects(() => selectLinear(train, options), RangeError, "hold out a larger share");
});
