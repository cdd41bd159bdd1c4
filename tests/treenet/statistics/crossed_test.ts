import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertLess,
  assertThrows,
} from "@std/assert";
import { random } from "../../../treenet/random.ts";
import { type Crossed, crossedMean, resampling } from "../../../treenet/statistics/crossed.ts";
import { wilsonInterval } from "../../../treenet/probe/metrics.ts";

interface World {
  readonly seeds: number;
  readonly images: number;
  /** SD over seeds and over images of the chance of a right answer, whose mean is ½. */
  readonly ofSeeds: number;
  readonly ofImages: number;
}

/** Answers of networks that are better or worse as a whole, on images that are easier or harder for all. */
function answers({ seeds, images, ofSeeds, ofImages }: World, draw: number): Crossed {
  const stream = random(draw, 0x5eed);
  const skill = Array.from({ length: seeds }, () => ofSeeds * stream.normal());
  const ease = Array.from({ length: images }, () => (stream.uniform() < 0.5 ? -1 : 1) * ofImages);
  const values = Int8Array.from({ length: seeds * images }, (_, at) => {
    const chance = 0.5 + skill[Math.floor(at / images)] + ease[at % images];
    return stream.uniform() < chance ? 1 : 0;
  });
  return { values, seeds, images };
}

/** Share of 300 worlds whose interval holds the truth. */
function coverage(world: World, intervalOf: (crossed: Crossed, draw: number) => readonly [number, number]) {
  let held = 0;
  for (let draw = 0; draw < 300; draw++) {
    const [low, high] = intervalOf(answers(world, draw), draw);
    if (low <= 0.5 && 0.5 <= high) held++;
  }
  return held / 300;
}

const crossedInterval = (crossed: Crossed, draw: number) =>
  crossedMean(crossed, resampling(crossed.images, { resamples: 200, seed: draw })).interval;

const worlds: readonly (World & { readonly name: string })[] = [
  { name: "seeds differ much", seeds: 6, images: 100, ofSeeds: 0.06, ofImages: 0.3 },
  { name: "seeds do not differ", seeds: 6, images: 100, ofSeeds: 0, ofImages: 0.3 },
  { name: "two seeds", seeds: 2, images: 100, ofSeeds: 0.04, ofImages: 0.3 },
  { name: "twelve seeds and few images", seeds: 12, images: 40, ofSeeds: 0.04, ofImages: 0.3 },
];

for (const world of worlds) {
  Deno.test(`95% intervals hold the truth in 93 to 100 of 100 worlds: ${world.name}`, () => {
    const share = coverage(world, crossedInterval);
    assert(share >= 0.93, `${share}`);
  });
}

Deno.test("an interval over test images alone misses the truth where seeds differ", () => {
  const wilson = ({ values, images }: Crossed) => {
    const one = values.subarray(0, images);
    return wilsonInterval(one.reduce((sum, value) => sum + value, 0) / images, images);
  };
  assertLess(coverage({ seeds: 1, images: 400, ofSeeds: 0.06, ofImages: 0.3 }, wilson), 0.8);
});

Deno.test("the standard error equals its closed form", () => {
  const crossed = answers({ seeds: 4, images: 60, ofSeeds: 0.05, ofImages: 0.3 }, 1);
  const { values, seeds: S, images: N } = crossed;
  const x = (s: number, i: number) => values[s * N + i];
  const sum = (count: number, of: (i: number) => number) =>
    Array.from({ length: count }, (_, i) => of(i)).reduce((total, value) => total + value, 0);
  const mean = sum(S * N, (at) => values[at]) / (S * N);
  const alpha = (s: number) => sum(N, (i) => x(s, i)) / N - mean;
  const beta = (i: number) => sum(S, (s) => x(s, i)) / S - mean;
  const gamma = (s: number, i: number) => x(s, i) - mean - alpha(s) - beta(i);
  const variance = sum(S, (s) => alpha(s) ** 2) / (S * (S - 1)) + sum(N, (i) => beta(i) ** 2) / N ** 2 +
    sum(S, (s) => sum(N, (i) => gamma(s, i) ** 2)) / (S * (S - 1) * N ** 2);
  const found = crossedMean(crossed, resampling(N, { resamples: 20_000 }));
  assertAlmostEquals(found.mean, mean, 1e-12);
  assertAlmostEquals(found.standardError / Math.sqrt(variance), 1, 0.02);
});

Deno.test("one seed on many images has the interval of a share", () => {
  const crossed = answers({ seeds: 1, images: 2000, ofSeeds: 0, ofImages: 0.3 }, 2);
  const { mean, interval, degrees } = crossedMean(crossed, resampling(2000));
  const [low, high] = wilsonInterval(mean, 2000);
  assertEquals(degrees, Infinity);
  assertAlmostEquals(interval[0], low, 1e-3);
  assertAlmostEquals(interval[1], high, 1e-3);
});

Deno.test("degrees of freedom are those of the seeds where only seeds differ", () => {
  const images = 50;
  const values = Int8Array.from({ length: 6 * images }, (_, at) => Math.floor(at / images) % 2);
  const { degrees, mean } = crossedMean({ values, seeds: 6, images }, resampling(images));
  assertEquals(mean, 0.5);
  assertGreater(degrees, 4.99);
  assertLess(degrees, 6);
});

Deno.test("the same seed of the resampling gives the same interval, another one another", () => {
  const crossed = answers({ seeds: 3, images: 80, ofSeeds: 0.05, ofImages: 0.3 }, 3);
  const at = (seed: number) => crossedMean(crossed, resampling(80, { resamples: 100, seed })).interval;
  assertEquals(at(1), at(1));
  assert(at(1)[0] !== at(2)[0]);
});

Deno.test("sets of another number of images are refused", () => {
  const crossed = { values: new Int8Array(4), seeds: 2, images: 2 };
  assertThrows(() => crossedMean(crossed, resampling(3, { resamples: 2 })), RangeError, "sets of 3");
});
