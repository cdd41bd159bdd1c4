import { assertAlmostEquals, assertEquals, assertGreaterOrEqual, assertLess } from "@std/assert";
import { overSeeds, overSeedsAndImages } from "../../../treenet/claims/estimates.ts";
import { crossedMean, resampling } from "../../../treenet/statistics/crossed.ts";
import { random } from "../../../treenet/random.ts";

Deno.test("an interval over seeds equals SciPy's of one sample", () => {
  // scipy.stats.t.interval(0.95, 3, 2.5, scipy.stats.sem([1, 2, 3, 4]))
  const { mean, interval } = overSeeds([1, 2, 3, 4]);
  assertEquals(mean, 2.5);
  [0.44573974323947924, 4.554260256760521].forEach((end, i) => assertAlmostEquals(interval[i], end, 1e-5));
});

Deno.test("one seed says nothing about others", () => {
  assertEquals(overSeeds([0.3]).interval, [-Infinity, Infinity]);
});

/** x [S, N] with effects of seeds, of images and noise. */
function world(seeds: number, images: number, seed: number): Int8Array {
  const stream = random(seed);
  const hard = Array.from({ length: images }, () => 0.3 * stream.normal());
  const good = Array.from({ length: seeds }, () => 0.03 * stream.normal());
  return Int8Array.from({ length: seeds * images }, (_, at) => {
    const level = 0.1 + hard[at % images] + good[Math.floor(at / images)];
    return Math.sign(Math.round(level + 0.6 * stream.normal()));
  });
}

Deno.test("the closed form is that of the pigeonhole bootstrap, within the bootstrap's own noise", () => {
  for (const [seeds, images] of [[6, 400], [3, 200], [1, 300]] as const) {
    const values = world(seeds, images, seeds);
    const { mean, interval } = overSeedsAndImages({ values, seeds });
    const drawn = crossedMean({ values, seeds, images }, resampling(images, { resamples: 4000 }));
    assertAlmostEquals(mean, drawn.mean, 1e-12);
    const [width, expected] = [interval, drawn.interval].map(([low, high]) => high - low);
    assertLess(Math.abs(width / expected - 1), 0.05);
  }
});

Deno.test("of 300 worlds with seeds and images drawn anew, at least 93% of the intervals hold the truth", () => {
  const { length } = Array.from({ length: 300 }, (_, at) => {
    const stream = random(at, 7), seeds = 4, images = 150;
    const hard = Array.from({ length: images }, () => stream.normal());
    const good = Array.from({ length: seeds }, () => 0.1 * stream.normal());
    const values = Float64Array.from(
      { length: seeds * images },
      (_, i) => 5 + hard[i % images] + good[Math.floor(i / images)] + stream.normal(),
    );
    const [low, high] = overSeedsAndImages({ values, seeds }).interval;
    return low < 5 && 5 < high;
  }).filter(Boolean);
  assertGreaterOrEqual(length, 279);
});

Deno.test("a stricter level gives a wider interval", () => {
  const values = world(3, 100, 5);
  const width = (level: number) => {
    const [low, high] = overSeedsAndImages({ values, seeds: 3 }, { level }).interval;
    return high - low;
  };
  assertLess(width(0.95), width(0.99));
});
