import { assertEquals, assertLessOrEqual } from "@std/assert";
import { claimOf, leastSeeds } from "../../../treenet/claims/claim.ts";
import { overSeeds } from "../../../treenet/claims/estimates.ts";
import { decompositionClaim, ensembleClaim, mapsClaim } from "../../../treenet/claims/decomposition.ts";
import { parametersClaim, type StudyRow } from "../../../treenet/claims/fewer_parameters.ts";
import { kindsClaim, type KindsOfTree, leastBeyondChance } from "../../../treenet/claims/three_kinds.ts";
import { correctness } from "../../../treenet/statistics/paired.ts";
import { type LeafWorld, leafWorld, rightAnswers } from "./worlds.ts";

const none: LeafWorld = {
  single: 0.4,
  averaged: 0.5,
  concatenated: 0.55,
  similarity: 0.5,
  overlap: 0.3,
  favourite: 1,
};
const independent = leafWorld(none, { seeds: 3, seed: 1 });
const rows = (truth: Partial<LeafWorld>, seeds = 3) => ({
  joint: leafWorld({ ...none, ...truth }, { seeds, seed: 2 }),
  independent: independent.slice(0, seeds),
});
const parts = (claim: { readonly parts: readonly { readonly outcome: string }[] }) =>
  claim.parts.map(({ outcome }) => outcome);

Deno.test("a better ensemble is supported, an equal one undecided, a worse one contradicted", () => {
  const better = ensembleClaim(rows({ concatenated: 0.65 }));
  assertEquals([better.outcome, parts(better)], ["supported", ["supported", "supported"]]);
  assertEquals(parts(ensembleClaim(rows({}))), ["supported", "undecided"]);
  assertEquals(ensembleClaim(rows({ concatenated: 0.45 })).outcome, "contradicted");
});

Deno.test("leaves that know no more together than alone are no ensemble", () => {
  const { outcome, parts: [whole] } = ensembleClaim(rows({ concatenated: 0.65, averaged: 0.4 }));
  assertEquals([outcome, whole.outcome], ["undecided", "undecided"]);
  assertEquals(ensembleClaim(rows({ concatenated: 0.65, averaged: 0.3 })).outcome, "contradicted");
});

Deno.test("each sign of decomposition is found where it is planted, and not where it is not", () => {
  const apart = { favourite: 4, similarity: 0.3, concatenated: 0.65 };
  assertEquals(parts(decompositionClaim(rows(apart))), ["supported", "supported", "supported"]);
  assertEquals(decompositionClaim(rows(apart)).outcome, "supported");
  assertEquals(parts(decompositionClaim(rows({ ...apart, similarity: 0.7 }))), [
    "supported",
    "contradicted",
    "supported",
  ]);
  assertEquals(decompositionClaim(rows({ ...apart, similarity: 0.7 })).outcome, "contradicted");
});

Deno.test("of 200 pairs of worlds without a difference, at most 5% are taken for one, in each sign", () => {
  const found = Array.from({ length: 200 }, (_, at) => {
    const [joint, independent] = [2 * at, 2 * at + 1].map((seed) =>
      leafWorld(none, { seeds: 3, seed: 100 + seed, images: 200 })
    );
    const claims = [decompositionClaim, mapsClaim, ensembleClaim].map((of) => of({ joint, independent }));
    return claims.flatMap(parts);
  });
  const count = (sign: number, outcome: string) => found.filter((each) => each[sign] === outcome).length;
  for (const sign of [0, 1, 2, 3, 5]) {
    assertLessOrEqual(count(sign, "supported"), 10);
    assertLessOrEqual(count(sign, "contradicted"), 10);
  }
});

Deno.test("maps that overlap less are supported, alike undecided, more contradicted", () => {
  const outcomes = [0.1, 0.3, 0.5].map((overlap) => mapsClaim(rows({ overlap })).outcome);
  assertEquals(outcomes, ["supported", "undecided", "contradicted"]);
});

Deno.test("gains of leaves that learned nothing have no unevenness", () => {
  const { joint } = rows({});
  const idle = joint.map((leaves) => ({
    ...leaves,
    gains: leaves.gains?.map(({ gains }) => ({ gains: gains.map(() => 0), errors: gains.map(() => 0) })),
  }));
  assertEquals(parts(decompositionClaim({ joint: idle, independent })), [
    "not tested",
    "undecided",
    "undecided",
  ]);
});

Deno.test("two seeds, or a measure that a seed lacks, test nothing", () => {
  assertEquals(mapsClaim(rows({ overlap: 0.1 }, 2)).outcome, "not tested");
  assertEquals(mapsClaim({ joint: [], independent: [] }).outcome, "not tested");
  const { joint } = rows({ favourite: 4, similarity: 0.3, concatenated: 0.65 });
  const without = joint.map(({ gains: _, ...leaves }) => leaves);
  assertEquals(parts(decompositionClaim({ joint: without, independent })), [
    "not tested",
    "supported",
    "supported",
  ]);
});

Deno.test("ranked rows take six seeds, whatever their difference", () => {
  const claim = (values: readonly number[]) =>
    claimOf([{ quantity: "A − B", estimate: overSeeds(values) }], leastSeeds.ranked).outcome;
  assertEquals(claim([1, 1.1, 0.9, 1, 1]), "not tested");
  assertEquals(claim([1, 1.1, 0.9, 1, 1, 1]), "supported");
  assertEquals(claim([-1, -1.1, -0.9, -1, -1, -1]), "contradicted");
  assertEquals(claim([1, -1.1, -0.9, 1, 1, -1]), "undecided");
});

/** A study in which m leaves have that accuracy and that many parameters. */
function study(of: Readonly<Record<number, readonly [accuracy: number, parameters: number]>>, seeds = 3) {
  return Object.entries(of).map(([leaves, [mean, parameters]]): StudyRow => ({
    leaves: Number(leaves),
    parameters,
    right: correctness(
      rightAnswers({ mean, spread: 0, seeds, images: 40_000, seed: Number(leaves) }),
      new Uint8Array(40_000).fill(1),
    ),
  }));
}

Deno.test("equal accuracy with a fifth fewer parameters saves, also where another m does not", () => {
  const claim = parametersClaim(study({ 1: [0.5, 1000], 2: [0.44, 1000], 8: [0.505, 700] }));
  assertEquals([claim.outcome, parts(claim)], ["supported", ["contradicted", "supported"]]);
});

Deno.test("more than a point better with equally many parameters saves, equal or worse does not", () => {
  const outcome = (accuracy: number) =>
    parametersClaim(study({ 1: [0.5, 1000], 4: [accuracy, 1000] })).outcome;
  assertEquals([0.55, 0.51, 0.5, 0.45].map(outcome), [
    "supported",
    "undecided",
    "contradicted",
    "contradicted",
  ]);
});

Deno.test("fewer parameters and a worse accuracy decide nothing, no single path and two seeds test nothing", () => {
  assertEquals(parametersClaim(study({ 1: [0.5, 1000], 4: [0.45, 500] })).outcome, "undecided");
  assertEquals(parametersClaim(study({ 2: [0.5, 1000], 4: [0.55, 500] })).outcome, "not tested");
  assertEquals(parametersClaim(study({ 1: [0.5, 1000], 4: [0.55, 500] }, 2)).outcome, "not tested");
});

const tree = (specialist: number, { failed = 2, power = 0.9 } = {}): KindsOfTree => ({
  leaves: { specialist, generalist: 8 - specialist - failed, failed },
  power,
});
const trees = (specialists: readonly number[], options = {}) =>
  kindsClaim(specialists.map((specialist) => tree(specialist, options)));

Deno.test("a kind is found in two trees of six, which chance gives to 5% of runs at most", () => {
  assertEquals([0, 1, 2, 6, 7, 8, 20].map(leastBeyondChance), [1, 2, 2, 2, 2, 3, 4]);
  const { outcome, parts: [specialists] } = trees([1, 0, 0, 2, 0, 0]);
  assertEquals([outcome, specialists.estimate?.mean], ["supported", 2]);
  assertEquals(trees([1, 0, 0, 0, 0, 0]).outcome, "undecided");
});

Deno.test("a kind that no tree has contradicts, if it would have been seen", () => {
  assertEquals(trees([0, 0, 0, 0, 0, 0]).outcome, "contradicted");
  assertEquals(trees([0, 0, 0, 0, 0, 0], { power: 0.5 }).outcome, "undecided");
  assertEquals(trees([1, 1, 1, 1, 1, 1], { failed: 0 }).outcome, "contradicted");
  assertEquals(trees([1, 1, 1, 1, 1]).outcome, "not tested");
});
