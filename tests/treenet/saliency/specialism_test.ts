import { assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { random } from "../../../treenet/random.ts";
import { categorize } from "../../../treenet/saliency/leaves/categories.ts";
import { powerOf } from "../../../treenet/saliency/leaves/power.ts";
import { contrastOf, Contrasts, evenLearners, noiseOf } from "../../../treenet/saliency/leaves/specialism.ts";
import { areaGains, areasOf, placementsOf } from "../../../treenet/statistics/delong.ts";
import { mcnemar } from "../../../treenet/statistics/mcnemar.ts";
import { normalQuantile } from "../../../treenet/statistics/normal.ts";

const classes = 10;
const every = Array.from({ length: classes }, (_, label) => label);
const VEHICLES = [0, 1, 8, 9];

/** The sizes of the `cpu` profile: half of the test images, and the leaves of a tree. */
const sizes = { images: 5000, leaves: 8 };
/** Gain over itself before training, mean over classes, AUROC. */
const MEAN_GAIN = 0.04;

/** Shift of a class's scores that gives this AUROC, where they are normal with standard deviation 1. */
function shiftFor(area: number): number {
  return Math.SQRT2 * normalQuantile(1 - area);
}

/**
 * A leaf before training and after on the same images: an AUROC of 0.7 for each class, and these gains; what both add to the
 * scores of an image, beside its class, is correlated at ½.
 */
function leafWith(
  gains: readonly number[],
  { seed, images = sizes.images }: { seed: number; images?: number },
) {
  const stream = random(seed, 77);
  const labels = Uint8Array.from({ length: images }, (_, i) => i % classes);
  const shift = { before: shiftFor(0.7), after: gains.map((gain) => shiftFor(0.7 + gain)) };
  const [after, before] = [new Float64Array(images * classes), new Float64Array(images * classes)];
  for (let at = 0; at < after.length; at++) {
    const label = at % classes;
    const own = labels[Math.floor(at / classes)] === label ? 1 : 0;
    const shared = Math.SQRT1_2 * stream.normal();
    after[at] = shared + Math.SQRT1_2 * stream.normal() + own * shift.after[label];
    before[at] = shared + Math.SQRT1_2 * stream.normal() + own * shift.before;
  }
  const [one, other] = [after, before].map((scores) => placementsOf(scores, { labels, classes }));
  const decoded = (placements: typeof one) => ({
    accuracy: 0,
    aurocs: areasOf(placements, labels),
    predictions: labels,
  });
  const right = (share: number) => labels.map((_, i) => i % 100 < share ? 1 : 0);
  const half = {
    after: decoded(one),
    before: decoded(other),
    learned: mcnemar(right(40), right(30)),
    gains: areaGains(one, other, labels),
  };
  return { selection: half, measurement: half };
}

/** Gains of a leaf that gains `ratio` times as much on some classes as on the others. */
function pattern(favoured: readonly number[], ratio = 3): readonly number[] {
  const base = MEAN_GAIN * classes / (ratio * favoured.length + classes - favoured.length);
  return every.map((label) => favoured.includes(label) ? ratio * base : base);
}

const maps = {
  flipCorrelation: 0.8,
  flipOverlap: 0.6,
  jitterCorrelation: 0.9,
  jitterOverlap: 0.7,
  withinClass: 0.3,
  betweenClass: 0.1,
  agreementP: 0.001,
};
const change = { after: maps, before: maps, untrainedCorrelation: 0 };
const spread = { dependence: 1, rank: 20 };
const halved = { selection: spread, measurement: spread };
const draws = { draws: 999, seed: 0 };

/** The rule on a tree of such leaves. */
function judged(decodings: readonly ReturnType<typeof leafWith>[]) {
  return categorize({
    decodings,
    spreads: decodings.map(() => ({ after: halved, before: halved })),
    consistencies: decodings.map(() => ({ selection: change, measurement: change })),
  }, draws);
}

/** Share of 40 such leaves that are called specialists, each as if it were the only one among leaves that gain evenly. */
function share(gains: (leaf: number) => readonly number[]): number {
  const { leaves } = judged(Array.from({ length: 40 }, (_, leaf) => leafWith(gains(leaf), { seed: leaf })));
  const found = leaves.filter(({ tests, category }) =>
    tests.uneven.p <= 0.05 / sizes.leaves && category === "consistent specialist"
  );
  return found.length / leaves.length;
}

Deno.test("a leaf that gains three times as much on one class is found at the sizes used", () => {
  assertGreater(share((leaf) => pattern([leaf % classes])), 0.8);
});

Deno.test("a leaf that gains three times as much on the four vehicles is found at the sizes used", () => {
  assertGreater(share(() => pattern(VEHICLES)), 0.8);
});

Deno.test("a tree of leaves that gain evenly has a specialist in at most 5%", () => {
  const trees = 40;
  const with_ = Array.from({ length: trees }, (_, tree) => {
    const decodings = Array.from(
      { length: sizes.leaves },
      (_, leaf) => leafWith(pattern([], 1), { seed: 5000 + tree * sizes.leaves + leaf, images: 1000 }),
    );
    return judged(decodings).leaves.some(({ category }) => category !== "generalist");
  }).filter((each) => each).length;
  assertLess(with_, 6); // 40 trees at 5%: six or more in 1.4%
});

Deno.test("p of an even learner is as small as 5% in 5%", () => {
  const p = Array.from({ length: 300 }, (_, seed) => {
    const { values, covariance } =
      leafWith(pattern([], 1), { seed: 9000 + seed, images: 500 }).selection.gains;
    const { statistic } = new Contrasts(covariance).favoured(values);
    const chance = evenLearners(covariance, { draws: 199, seed });
    return (1 + chance.filter((each) => each >= statistic).length) / 200;
  });
  const small = p.filter((each) => each <= 0.05).length / p.length;
  assertLess(Math.abs(small - 0.05), 3 * Math.sqrt(0.05 * 0.95 / 300));
});

Deno.test("a leaf that gains less on one class than on nine others is a generalist, however sure that is", () => {
  const gains = every.map((label) => label === 4 ? 0.005 : 0.05);
  const { leaves: [leaf] } = judged([leafWith(gains, { seed: 1, images: 40_000 })]);
  assertLess(leaf.tests.uneven.adjusted, 0.01);
  assertEquals(leaf.category, "generalist");
});

Deno.test("the classes that stand out are those that gained, and nothing stands out where nothing changed", () => {
  const { selection: { gains } } = leafWith(pattern(VEHICLES), { seed: 3, images: 20_000 });
  const { classes: favoured } = new Contrasts(gains.covariance).favoured(gains.values);
  assertEquals(favoured, VEHICLES);
  const { own, others } = contrastOf(Float64Array.from(pattern(VEHICLES)), favoured);
  assertAlmostEquals(own / others, 3, 1e-12);
  const none = every.map(() => new Float64Array(classes));
  assertEquals(new Contrasts(none).favoured(new Float64Array(classes)).statistic, 0);
  assertEquals(evenLearners(none, { draws: 3, seed: 0 }), new Float64Array(3));
});

Deno.test("the set that stands out is the one that a search through all sets finds", () => {
  const stream = random(11);
  const covariance = every.map((_, a) => Float64Array.from(every, (b) => (a === b ? 2 + a / 5 : 0.5) / 1e4));
  const gains = Float64Array.from(every, () => 0.02 * stream.normal());
  const sets = Array.from({ length: 1023 }, (_, i) => every.filter((label) => (i + 1) >> label & 1))
    .filter(({ length }) => length <= 5);
  assertEquals(sets.length, 637);
  const valued = sets.map((set) => {
    const weights = every.map((label) => set.includes(label) ? 1 / set.length : -1 / (10 - set.length));
    const variance = weights.reduce(
      (sum, x, a) => sum + weights.reduce((row, y, b) => row + x * y * covariance[a][b], 0),
      0,
    );
    const { own, others } = contrastOf(gains, set);
    return { set, value: (own - others) / Math.sqrt(variance) };
  });
  const best = valued.reduce((a, b) => b.value > a.value ? b : a);
  const found = new Contrasts(covariance).favoured(gains);
  assertEquals(found.classes, best.set);
  assertAlmostEquals(found.statistic, best.value, 1e-9);
});

Deno.test("draws of even learners vary as the covariance says, singular or not", () => {
  const covariance = [[4, 2, -6], [2, 2, -4], [-6, -4, 10]].map((row) => Float64Array.from(row)); // rank 2
  const draws = noiseOf(covariance, { draws: 20_000, seed: 1 });
  for (const a of [0, 1, 2]) {
    for (const b of [0, 1, 2]) {
      const found = draws.reduce((sum, each) => sum + each[a] * each[b], 0) / draws.length;
      assertAlmostEquals(found, covariance[a][b], 0.3);
    }
  }
});

Deno.test("the power stated is the share of planted specialists that the rule finds", () => {
  const decodings = Array.from(
    { length: sizes.leaves },
    (_, leaf) => leafWith(pattern([], 1), { seed: 300 + leaf }),
  );
  const { rule } = judged(decodings);
  const power = powerOf(decodings, { rule, learned: decodings.map(() => true), seed: 0 });
  const [one, vehicles] = [power.oneClass!, power.vehicles!];
  assertGreater(one.atThree, 0.8);
  assertGreater(vehicles.atThree, 0.8);
  assertLess(one.ratio!, 3);
  assertLess(vehicles.ratio!, 3);
  assertLess(vehicles.meanGain!, power.meanGain!);
  // At the least ratio, 80% of planted leaves are found, give or take the leaves that are drawn.
  const found = share(() => pattern(VEHICLES, vehicles.ratio!));
  assertLess(Math.abs(found - 0.8), 3 * Math.sqrt(0.8 * 0.2 / 40));
  // McNemar's: (2.4977 + 0.8416) standard errors at 5% / 8 of √(10% / 5,000).
  assertAlmostEquals(power.accuracy, 3.3393 * Math.sqrt(0.1 / 5000), 1e-5);
});

Deno.test("a tree without a learner has no power to state, and one with few images finds nothing at three times", () => {
  const few = Array.from(
    { length: 3 },
    (_, leaf) => leafWith(pattern([], 1), { seed: 400 + leaf, images: 100 }),
  );
  const { rule } = judged(few);
  const none = powerOf(few, { rule, learned: few.map(() => false), seed: 0 });
  assertEquals([none.meanGain, none.oneClass, none.vehicles], [null, null, null]);
  const some = powerOf(few, { rule, learned: few.map(() => true), seed: 0 });
  assertLess(some.oneClass?.atThree ?? 0, 0.3);
});
