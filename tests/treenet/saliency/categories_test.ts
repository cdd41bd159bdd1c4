import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { random } from "../../../treenet/random.ts";
import { categorize, countCategories } from "../../../treenet/saliency/leaves/categories.ts";
import type { Consistency } from "../../../treenet/saliency/consistency.ts";
import {
  decode,
  leafNumbers,
  type LeafOutputs,
  leafProbes,
  outputsOf,
} from "../../../treenet/saliency/leaves/decoding.ts";
import { halvesOf } from "../../../treenet/saliency/leaves/halves.ts";
import { bestClass } from "../../../treenet/saliency/leaf_table.ts";
import { consistentLeaves, overlayTriples } from "../../../treenet/saliency/shown.ts";
import { spreadOf } from "../../../treenet/saliency/leaves/spread.ts";

const classes = 10;
const labels = Uint8Array.from({ length: 2000 }, (_, i) => i % classes);
const size = 12;

/** The classes that each leaf knows. */
type Known = readonly (readonly number[])[];

/** Leaves whose outputs are noise, plus a signal for images of the classes each knows. */
function leavesThatKnow(known: Known, seed: number): LeafOutputs {
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
};

const halves = halvesOf(labels, 0);

/** Probes fitted to other images of the same leaves. */
async function probed(known: Known, seed: number) {
  return {
    outputs: leavesThatKnow(known, seed),
    probes: await leafProbes(leavesThatKnow(known, seed + 50_000), { labels, classes, alpha: 0.1 }),
  };
}

/** Leaves that knew nothing before training, or what is said; maps are the same on both halves and before. */
async function categoriesOf(
  known: Known,
  consistencies: readonly Consistency[],
  { seed = 1, before = known.map(() => []) as Known } = {},
) {
  const trained = await probed(known, seed);
  const decodings = decode(trained, await probed(before, seed + 1), { labels, halves, classes });
  const spreads = leafNumbers(trained.outputs).map((leaf) => {
    const spread = spreadOf(outputsOf(trained.outputs, leaf), size);
    const halved = { selection: spread, measurement: spread };
    return { after: halved, before: halved };
  });
  const both = consistencies.map((each) => {
    const change = { after: each, before: each, untrainedCorrelation: 0 };
    return { selection: change, measurement: change };
  });
  return categorize({ decodings, spreads, consistencies: both }, { draws: 1999, seed: 0 });
}

Deno.test("leaves made to know one class, the vehicles, all, or none are told apart", async () => {
  const unsteady = { ...follows, flipCorrelation: 0.2 };
  const { leaves } = await categoriesOf([[3], [0, 1, 8, 9], everything, []], [
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
  assertEquals(leaves.slice(0, 2).map(({ favoured }) => favoured.classes), [[3], [0, 1, 8, 9]]);
  assertEquals(bestClass(leaves[0]), 3);
  assertGreater(leaves[0].measurement.gains[3], 0.3);
  assertGreater(leaves[0].measurement.contrast.own, 2 * leaves[0].measurement.contrast.others);
  assertLess(leaves[0].tests.gained.adjusted, 0.001);
  assertGreater(leaves[3].tests.gained.adjusted, 0.05);
});

Deno.test("a leaf that was lucky before training has failed without learning, one that was unlucky has not with little", async () => {
  const lucky = [0, 1, 2, 3, 4, 5];
  const { leaves } = await categoriesOf([lucky, [7, 8], lucky], [follows, follows, follows], {
    before: [lucky, [7], [0, 1, 2, 3, 4]],
  });
  // The first knows thrice as much as the second, but no more than it did.
  assertGreater(leaves[0].measurement.after.accuracy, leaves[1].measurement.after.accuracy);
  assertEquals(leaves.map(({ category }) => category === "failed"), [true, false, false]);
  assertEquals(leaves[1].favoured.classes, [8]);
  assertEquals(leaves[2].favoured.classes, [5]);
});

Deno.test("a leaf that is as it was has failed: no image decides, and no class stands out", async () => {
  const same = await probed([everything, [1]], 9);
  const [one] = decode(same, same, { labels, halves, classes });
  assertEquals(one.selection.learned, { discordant: 0, better: 0, p: 1 });
  const spread = {
    selection: spreadOf(outputsOf(same.outputs, 0), size),
    measurement: { dependence: 1, rank: 5 },
  };
  const change = { after: follows, before: follows, untrainedCorrelation: 1 };
  const { leaves: [leaf] } = categorize({
    decodings: [one],
    spreads: [{ after: spread, before: spread }],
    consistencies: [{ selection: change, measurement: change }],
  }, { draws: 1000, seed: 0 });
  assertEquals([leaf.category, leaf.tests.uneven.p, leaf.tests.gained.p], ["failed", 1, 1]);
});

Deno.test("labels of the measurement half change no category and no test", async () => {
  const [after, before] = [await probed([[3], [7], everything, []], 1), await probed([[], [], [], []], 2)];
  const decisions = (shift: number) => {
    const changed = labels.slice();
    for (const row of halves.measurement) changed[row] = (changed[row] + shift) % classes;
    const found = decode(after, before, { labels: changed, halves, classes });
    return {
      decided: found.map(({ selection }) => selection),
      measured: found[0].measurement.after.accuracy,
    };
  };
  const [as, otherwise] = [decisions(0), decisions(1)];
  assertEquals(otherwise.decided, as.decided);
  assertLess(otherwise.measured, as.measured);
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

Deno.test("in 20 trees of 8 leaves that learned nothing hardly one is taken for a learner", async () => {
  let learners = 0;
  const some: Known = new Array(8).fill([0, 1, 2]);
  for (let tree = 0; tree < 20; tree++) {
    const { leaves } = await categoriesOf(some, new Array(8).fill(follows), {
      seed: 100 + 2 * tree,
      before: some,
    });
    learners += 8 - countCategories(leaves).failed;
  }
  assertLess(learners, 4); // a tree in twenty has one, on average
});

Deno.test("a leaf that gains evenly on all classes is no specialist, however many leaves there are", async () => {
  const { leaves } = await categoriesOf(new Array(12).fill(everything), new Array(12).fill(follows));
  assertEquals(countCategories(leaves).generalist, 12);
  for (const { selection } of leaves) assertAlmostEquals(selection.concentration, 0, 0.01);
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
