import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { random } from "../../../treenet/random.ts";
import { type Crossed, crossedMean } from "../../../treenet/statistics/crossed.ts";
import { wilsonInterval } from "../../../treenet/probe/metrics.ts";

interface World {
  readonly seeds: number;
  readonly images: number;
  /** SD over seeds, over images and over the probe's repetitions of the chance of a right answer, whose mean is ½. */
  readonly ofSeeds: number;
  readonly ofImages: number;
  readonly ofRepetitions?: number;
  /** @default 1 */
  readonly repetitions?: number;
}

/** Answers of networks and probes that are better or worse as a whole, on images that are easier or harder for all. */
function answers(world: World, draw: number): Crossed {
  const { seeds, images, ofSeeds, ofImages, repetitions = 1, ofRepetitions = 0 } = world;
  const stream = random(draw, 0x5eed);
  const skill = Array.from({ length: seeds }, () => ofSeeds * stream.normal());
  const luck = Array.from({ length: repetitions }, () => ofRepetitions * stream.normal());
  const ease = Array.from({ length: images }, () => (stream.uniform() < 0.5 ? -1 : 1) * ofImages);
  const values = Int8Array.from({ length: seeds * repetitions * images }, (_, at) => {
    const row = Math.floor(at / images);
    const chance = 0.5 + skill[Math.floor(row / repetitions)] + luck[row % repetitions] + ease[at % images];
    return stream.uniform() < chance ? 1 : 0;
  });
  return { values, seeds, repetitions, images };
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

const crossedInterval = (crossed: Crossed) => crossedMean(crossed).interval;

const worlds: readonly (World & { readonly name: string })[] = [
  { name: "seeds differ much", seeds: 6, images: 100, ofSeeds: 0.06, ofImages: 0.3 },
  { name: "seeds do not differ", seeds: 6, images: 100, ofSeeds: 0, ofImages: 0.3 },
  { name: "two seeds", seeds: 2, images: 100, ofSeeds: 0.04, ofImages: 0.3 },
  { name: "twelve seeds and few images", seeds: 12, images: 40, ofSeeds: 0.04, ofImages: 0.3 },
  {
    name: "seeds and repetitions of the probe differ",
    seeds: 6,
    repetitions: 5,
    images: 100,
    ofSeeds: 0.04,
    ofImages: 0.3,
    ofRepetitions: 0.05,
  },
  {
    name: "one seed, and repetitions differ",
    seeds: 1,
    repetitions: 5,
    images: 100,
    ofSeeds: 0,
    ofImages: 0.3,
    ofRepetitions: 0.06,
  },
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

Deno.test("an interval that ignores the probe's repetitions misses the truth where they differ", () => {
  const ignoring = ({ values, seeds, repetitions, images }: Crossed) => {
    const first = values.filter((_, at) => Math.floor(at / images) % repetitions === 0);
    return crossedMean({ values: first, seeds, repetitions: 1, images }).interval;
  };
  const world = { seeds: 6, repetitions: 5, images: 400, ofSeeds: 0.01, ofImages: 0.3, ofRepetitions: 0.06 };
  assertLess(coverage(world, ignoring), 0.8);
});

Deno.test("the standard error is that of the pigeonhole bootstrap", () => {
  const world = { seeds: 4, repetitions: 3, images: 60, ofSeeds: 0.05, ofImages: 0.3, ofRepetitions: 0.05 };
  const crossed = answers(world, 1);
  const { values, seeds, repetitions, images } = crossed;
  const stream = random(7);
  const drawn = (levels: number, count: number) =>
    Array.from({ length: count }, () => stream.integer(levels));
  const means = Array.from({ length: 6000 }, () => {
    const [s, r, i] = [drawn(seeds, seeds - 1), drawn(repetitions, repetitions - 1), drawn(images, images)];
    let sum = 0;
    for (const seed of s) {
      for (const repetition of r) {
        for (const image of i) sum += values[(seed * repetitions + repetition) * images + image];
      }
    }
    return sum / (s.length * r.length * i.length);
  });
  const centre = means.reduce((sum, mean) => sum + mean, 0) / means.length;
  const variance = means.reduce((sum, mean) => sum + (mean - centre) ** 2, 0) / (means.length - 1);
  const { mean, standardError } = crossedMean(crossed);
  assertAlmostEquals(mean, values.reduce((sum, value) => sum + value, 0) / values.length, 1e-12);
  assertAlmostEquals(standardError / Math.sqrt(variance), 1, 0.04);
});

Deno.test("the mean is the reported classifier's, the variance that of the repetitions", () => {
  const world = { seeds: 3, repetitions: 4, images: 50, ofSeeds: 0, ofImages: 0.3, ofRepetitions: 0.05 };
  const crossed = answers(world, 4);
  const reported = new Int8Array(3 * 50).fill(1);
  const found = crossedMean({ ...crossed, reported });
  assertEquals([found.mean, found.standardError], [1, crossedMean(crossed).standardError]);
});

Deno.test("one seed on many images has the interval of a share", () => {
  const crossed = answers({ seeds: 1, images: 2000, ofSeeds: 0, ofImages: 0.3 }, 2);
  const { mean, interval, degrees } = crossedMean(crossed);
  const [low, high] = wilsonInterval(mean, 2000);
  assertEquals(degrees, Infinity);
  assertAlmostEquals(interval[0], low, 1e-3);
  assertAlmostEquals(interval[1], high, 1e-3);
});

Deno.test("degrees of freedom are those of the seeds where only seeds differ", () => {
  const images = 50;
  const values = Int8Array.from({ length: 6 * images }, (_, at) => Math.floor(at / images) % 2);
  const { degrees, mean } = crossedMean({ values, seeds: 6, repetitions: 1, images });
  assertEquals(mean, 0.5);
  assertGreater(degrees, 4.99);
  assertLess(degrees, 6);
});
