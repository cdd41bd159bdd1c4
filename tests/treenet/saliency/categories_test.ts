import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { random } from "../../../treenet/random.ts";
import { categorize, countCategories } from "../../../treenet/saliency/leaves/categories.ts";
import type { Consistency } from "../../../treenet/saliency/consistency.ts";
import {
  decode,
  leafNumbers,
  type LeafOutputs,
  outputsOf,
} from "../../../treenet/saliency/leaves/decoding.ts";
import { halvesOf } from "../../../treenet/saliency/leaves/halves.ts";
import { bestClass } from "../../../treenet/saliency/leaf_table.ts";
import { consistentLeaves, overlayTriples } from "../../../treenet/saliency/shown.ts";
import { spreadOf } from "../../../treenet/saliency/leaves/spread.ts";

const classes = 10;
const labels = Uint8Array.from({ length: 2000 }, (_, i) => i % classes);
const size = 12;

/** Leaves whose outputs are noise, plus `signal` for images of the classes each knows. */
function leavesThatKnow(known: readonly (readonly number[])[], seed: number): LeafOutputs {
  const stream = random(seed);
  const leaves = known.length;
  const x = Float32Array.from({ length: labels.length * leaves * size }, (_, i) => {
    const feature = i % size;
    const leaf = Math.floor(i / size) % leaves;
    const label = labels[Math.floor(i / (size * leaves))];
    return stream.normal() + (feature === label && known[leaf].includes(label) ? 4 : 0) + 0.5;
  });
  return { x, leaves, size };
}

const everything = Array.from({ length: classes }, (_, label) => label);
const follows: Consistency = {
  flipCorrelation: 0.8,
  flipOverlap: 0.6,
  jitterCorrelation: 0.9,
  jitterOverlap: 0.7,
  withinClass: 0.3,
  betweenClass: 0.1,
  agreementP: 0.001,
  untrainedCorrelation: 0,
};

const halves = halvesOf(labels, 0);

/** Among `leaves` untrained ones, as many as are given unless told otherwise; the same on both halves. */
async function categoriesOf(
  known: readonly (readonly number[])[],
  consistencies: readonly Consistency[],
  { seed = 1, permutations = 20 } = {},
) {
  const trained = leavesThatKnow(known, seed);
  const untrained = leavesThatKnow(Array.from({ length: Math.max(8, known.length) }, () => []), seed + 1);
  const options = { labels, halves, classes, alpha: 0.1, permutations, seed: 0 };
  const decoding = await decode(trained, untrained, options);
  const spreads = leafNumbers(trained).map((leaf) => {
    const spread = spreadOf(outputsOf(trained, leaf), size);
    return { selection: spread, measurement: spread };
  });
  const both = consistencies.map((each) => ({ selection: each, measurement: each }));
  return categorize({ decoding, spreads, consistencies: both });
}

Deno.test("leaves made to know one class, all, or none are told apart", async () => {
  const unsteady = { ...follows, flipCorrelation: 0.2 };
  const { leaves, rule } = await categoriesOf([[3], [7], everything, []], [
    follows,
    unsteady,
    follows,
    follows,
  ]);
  assertEquals(leaves.map(({ category }) => category), [
    "consistent specialist",
    "inconsistent specialist",
    "generalist",
    "failed",
  ]);
  assertEquals(bestClass(leaves[0]), 3);
  assertEquals(bestClass(leaves[1]), 7);
  assertGreater(leaves[0].measurement.gains[3], 0.3);
  assertAlmostEquals(rule.minConcentration, 0.301, 1e-3); // five classes of ten
  assertLess(rule.untrainedAccuracy.highest, 0.2);
});

Deno.test("labels of the measurement half change no category and no test", async () => {
  const known = [[3], [7], everything, []];
  const trained = leavesThatKnow(known, 1);
  const untrained = leavesThatKnow(new Array(8).fill([]), 2);
  const decisions = async (shift: number) => {
    const changed = labels.slice();
    for (const row of halves.measurement) changed[row] = (changed[row] + shift) % classes;
    const { trained: leaves, null: none } = await decode(trained, untrained, {
      labels: changed,
      halves,
      classes,
      alpha: 0.1,
      permutations: 1,
      seed: 0,
    });
    return {
      decided: [...leaves, ...none].map(({ selection }) => selection),
      measured: leaves[0].measurement.accuracy,
    };
  };
  const [as, otherwise] = [await decisions(0), await decisions(1)];
  assertEquals(otherwise.decided, as.decided);
  assertLess(otherwise.measured, as.measured); // the probe was not fitted on that half
});

Deno.test("maps that agree within a class no more than by chance are not consistent", async () => {
  const known = [[3], [7], everything];
  const consistent = async (...p: readonly number[]) => {
    const { leaves } = await categoriesOf(known, p.map((agreementP) => ({ ...follows, agreementP })));
    return leaves.map(({ consistent }) => consistent);
  };
  assertEquals(await consistent(0.2, 0.001, 0.001), [false, true, true]);
  // Each alone would pass at 5%; three at once do not.
  assertEquals(await consistent(0.02, 0.02, 0.02), [false, false, false]);
});

Deno.test("in 20 trees of 8 untrained leaves hardly one leaf is taken for a learner", async () => {
  let learners = 0;
  for (let tree = 0; tree < 20; tree++) {
    const { leaves } = await categoriesOf(new Array(8).fill([]), new Array(8).fill(follows), {
      seed: 100 + 2 * tree,
      permutations: 1,
    });
    learners += 8 - countCategories(leaves).failed;
  }
  assertLess(learners, 4); // a tree in twenty has one, on average
});

Deno.test("a leaf that gains evenly on all classes is no specialist, however many leaves there are", async () => {
  const { leaves } = await categoriesOf(new Array(12).fill(everything), new Array(12).fill(follows));
  assertEquals(countCategories(leaves).generalist, 12);
});

Deno.test("figures show one leaf of each kind, and say where a kind has none left", async () => {
  const known = [[3], everything, [], [7], everything, [], []];
  const { leaves } = await categoriesOf(known, new Array(7).fill(follows));
  const triples = overlayTriples(leaves, 3);
  assertEquals(triples.map((triple) => triple.map((leaf) => leaf?.category)), [
    ["consistent specialist", "generalist", "failed"],
    ["consistent specialist", "generalist", "failed"],
    [undefined, undefined, "failed"],
  ]);
  assertEquals(new Set(triples.flat().flatMap((leaf) => leaf?.leaf ?? [])).size, 7);
  assert(consistentLeaves(leaves, 4).every(({ leaf }) => leaf === 0 || leaf === 3));
});

Deno.test("a tree of failed learners shows only those, one a row", async () => {
  const { leaves } = await categoriesOf(new Array(7).fill([]), new Array(7).fill(follows));
  const triples = overlayTriples(leaves, 3);
  assertEquals(triples.map((triple) => triple.map((leaf) => leaf?.category)), [
    [undefined, undefined, "failed"],
    [undefined, undefined, "failed"],
    [undefined, undefined, "failed"],
  ]);
});
