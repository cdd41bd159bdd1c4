import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { random } from "../../../treenet/random.ts";
import { areaGains, areasOf, placementsOf, standardErrors } from "../../../treenet/statistics/delong.ts";

const classes = 3;
const labels = Uint8Array.from({ length: 60 }, (_, i) => i % classes);

/** Scores [60, 3] with ties, those of golden.py. */
function scores(step: number, gain: number): Float64Array {
  return Float64Array.from({ length: 60 * classes }, (_, at) => {
    const [i, c] = [Math.floor(at / classes), at % classes];
    return (i * step + c * 11) % 23 / 23 + (labels[i] === c ? gain : 0);
  });
}

const [after, before] = [scores(7, 0.5), scores(9, 0.25)].map((each) =>
  placementsOf(each, { labels, classes })
);

// Golden values: golden.py, scikit-learn 1.9.1, MLstatkit 0.1.91 and the kernel itself in NumPy.
Deno.test("areas under the curves equal scikit-learn's, ties included", () => {
  const expected = [[0.90625, 0.87125, 0.83625], [0.67375, 0.70625, 0.72125]];
  [after, before].forEach((placements, i) =>
    areasOf(placements, labels).forEach((area, label) => assertAlmostEquals(area, expected[i][label], 1e-12))
  );
});

Deno.test("the standard error of a paired gain equals MLstatkit's DeLong test", () => {
  const expected = [0.08744421780809854, 0.07422746526179029, 0.09884675771855637];
  standardErrors(areaGains(after, before, labels))
    .forEach((error, label) => assertAlmostEquals(error, expected[label], 1e-9));
});

Deno.test("the covariance of the gains equals that of the kernel, pair by pair", () => {
  const expected = [
    [0.007646491228070176, 0.0013628544774802918, -0.003471919551679669],
    [0.0013628544774802918, 0.005509716599190281, 0.0011657961494783544],
    [-0.003471919551679669, 0.0011657961494783544, 0.009770681511470987],
  ];
  areaGains(after, before, labels).covariance.forEach((row, a) =>
    row.forEach((value, b) => assertAlmostEquals(value, expected[a][b], 1e-12))
  );
});

Deno.test("a classifier gains nothing over itself, and of that there is no doubt", () => {
  const { values, covariance } = areaGains(after, after, labels);
  assertEquals([...values, ...covariance.flatMap((row) => [...row])], new Array(12).fill(0));
});

/** Scores of two classifiers of three classes that share noise, the first of which knows more of class 1. */
function world(seed: number, n = 150) {
  const stream = random(seed);
  const labels = Uint8Array.from({ length: n }, (_, i) => i % classes);
  const [one, other] = [new Float64Array(n * classes), new Float64Array(n * classes)];
  for (let i = 0; i < n; i++) {
    const image = stream.normal();
    for (let c = 0; c < classes; c++) {
      const shared = stream.normal() + 0.7 * image;
      const known = labels[i] === c ? 1 : 0;
      one[i * classes + c] = shared + 0.5 * stream.normal() + (c === 1 ? 1.5 : 0.8) * known;
      other[i * classes + c] = shared + 0.5 * stream.normal() + 0.8 * known;
    }
  }
  return areaGains(placementsOf(one, { labels, classes }), placementsOf(other, { labels, classes }), labels);
}

Deno.test("the covariance is how gains vary together from one set of images to another", () => {
  const worlds = Array.from({ length: 600 }, (_, seed) => world(seed));
  const average = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const centre = [0, 1, 2].map((c) => average(worlds.map(({ values }) => values[c])));
  const true_ = (a: number, b: number) =>
    average(worlds.map(({ values }) => (values[a] - centre[a]) * (values[b] - centre[b])));
  for (const a of [0, 1, 2]) {
    for (const b of [0, 1, 2]) {
      const claimed = average(worlds.map(({ covariance }) => covariance[a][b]));
      const scale = Math.sqrt(true_(a, a) * true_(b, b));
      assertLess(Math.abs(claimed - true_(a, b)) / scale, 0.16); // 600 worlds know a correlation to 0.04
    }
  }
});
