import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { random } from "../../../stages/treenet/random.ts";
import { categorize, countCategories } from "../../../stages/treenet/saliency/categories.ts";
import type { Consistency } from "../../../stages/treenet/saliency/consistency.ts";
import {
  decode,
  leafNumbers,
  type LeafOutputs,
  outputsOf,
} from "../../../stages/treenet/saliency/decoding.ts";
import { consistentLeaves, overlayTriples } from "../../../stages/treenet/saliency/shown.ts";
import { spreadOf } from "../../../stages/treenet/saliency/spread.ts";

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
  chanceAgreement: 0.02,
  untrainedCorrelation: 0,
};

async function categoriesOf(known: readonly (readonly number[])[], consistencies: readonly Consistency[]) {
  const trained = leavesThatKnow(known, 1);
  const untrained = leavesThatKnow(known.map(() => []), 2);
  const options = { labels, classes, alpha: 0.1, permutations: 10, seed: 0 };
  const decoding = await decode(trained, untrained, options);
  const spreads = leafNumbers(trained).map((leaf) => spreadOf(outputsOf(trained, leaf), size));
  return categorize({ decoding, spreads, consistencies });
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
  assertEquals(leaves[0].gains.indexOf(Math.max(...leaves[0].gains)), 3);
  assertGreater(rule.minConcentration, 0.3); // five classes of ten
  assertLess(rule.minAccuracy, 0.2);
});

Deno.test("agreeing no more within a class than by chance is not consistent", async () => {
  const aimless = { ...follows, withinClass: 0.11 };
  const { leaves } = await categoriesOf([[3], [7], everything], [aimless, follows, follows]);
  assertEquals(leaves.map(({ consistent }) => consistent), [false, true, true]);
});

Deno.test("untrained leaves are seldom taken for learners", async () => {
  const { leaves } = await categoriesOf(Array.from({ length: 20 }, () => []), new Array(20).fill(follows));
  assertGreater(countCategories(leaves).failed, 14);
});

Deno.test("figures show one leaf of each kind, and say nothing of kinds that are empty", async () => {
  const known = [[3], everything, [], [7], everything, []];
  const { leaves } = await categoriesOf(known, new Array(6).fill(follows));
  const triples = overlayTriples(leaves, 3);
  assertEquals(triples.length, 2);
  for (const triple of triples) {
    assertEquals(triple.map(({ category }) => category), ["consistent specialist", "generalist", "failed"]);
  }
  assertEquals(new Set(triples.flat().map(({ leaf }) => leaf)).size, 6);
  assert(consistentLeaves(leaves, 4).every(({ leaf }) => leaf === 0 || leaf === 3));
});

Deno.test("an overlay of leaves that are all of one kind still has three different ones", async () => {
  const { leaves } = await categoriesOf(Array.from({ length: 7 }, () => []), new Array(7).fill(follows));
  const triples = overlayTriples(leaves, 3);
  assertEquals(triples.map((triple) => triple.length), [3, 3]);
  assertEquals(new Set(triples.flat().map(({ leaf }) => leaf)).size, 6);
});
