import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { random } from "../../../treenet/random.ts";
import { auroc } from "../../../treenet/saliency/auroc.ts";
import { gainErrors, placementsOf } from "../../../treenet/saliency/leaves/gain_error.ts";

const classes = 2;

/** Scores of two leaves that share noise, the first of which knows more of class 1. */
function drawn(seed: number, n = 120) {
  const stream = random(seed);
  const labels = Uint8Array.from({ length: n }, (_, i) => i % 4 === 0 ? 1 : 0);
  const [a, b] = [new Float64Array(n * classes), new Float64Array(n * classes)];
  for (let i = 0; i < n; i++) {
    const shared = stream.normal();
    a[i * classes + 1] = shared + 0.5 * stream.normal() + 1.2 * labels[i];
    b[i * classes + 1] = shared + 0.5 * stream.normal() + 0.4 * labels[i];
  }
  return { labels, a, b };
}

Deno.test("placements average to the AUROC, ties included, on either side", () => {
  const labels = Uint8Array.of(1, 0, 1, 0, 0, 1);
  const scores = Float64Array.of(0, 3, 0, 3, 0, 1, 0, 2, 0, 1, 0, 5);
  const [, placed] = placementsOf(scores, { labels, classes });
  const meanOf = (label: number) => {
    const values = placed.filter((_, i) => labels[i] === label);
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  const expected = auroc(scores, { labels, label: 1, classes });
  assertAlmostEquals(meanOf(1), expected, 1e-12);
  assertAlmostEquals(meanOf(0), expected, 1e-12);
});

Deno.test("a leaf gains nothing over itself, and of that there is no doubt", () => {
  const { labels, a } = drawn(1);
  const placed = placementsOf(a, { labels, classes });
  assertEquals([...gainErrors(placed, [placed, placed], labels)], [0, 0]);
});

Deno.test("the standard error of a gain is how much gains vary from one set of images to another", () => {
  const worlds = Array.from({ length: 400 }, (_, seed) => {
    const { labels, a, b } = drawn(seed);
    const [own, other] = [a, b].map((scores) => placementsOf(scores, { labels, classes }));
    const gain = auroc(a, { labels, label: 1, classes }) - auroc(b, { labels, label: 1, classes });
    return { gain, error: gainErrors(own, [other], labels)[1] };
  });
  const average = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const centre = average(worlds.map(({ gain }) => gain));
  const spread = Math.sqrt(average(worlds.map(({ gain }) => (gain - centre) ** 2)));
  const claimed = Math.sqrt(average(worlds.map(({ error }) => error ** 2)));
  assertLess(Math.abs(claimed / spread - 1), 0.12); // 400 worlds know the spread to 4%
});
