import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { concentration } from "../../../treenet/saliency/leaves/concentration.ts";
import { quantile } from "../../../treenet/saliency/quantile.ts";
import { brightest, correlation, overlap, unitRanks } from "../../../treenet/saliency/ranks.ts";
import { ridgeClassifier } from "../../../treenet/saliency/leaves/ridge.ts";
import { ssim } from "../../../treenet/saliency/ssim.ts";
import { spreadOf } from "../../../treenet/saliency/leaves/spread.ts";
import { CLASSES, column, goldenData, SIZE } from "../probe/golden_data.ts";

// Values without a note were computed with scikit-learn 1.9.1, SciPy or NumPy on goldenData().
const { x, labels } = goldenData();
const single = Float32Array.from(x);

Deno.test("the rank correlation of maps with ties equals SciPy's Spearman", () => {
  const [a, b] = [Float32Array.from(column(0)), Float32Array.from(column(5), Math.round)];
  assertAlmostEquals(correlation(unitRanks(a), unitRanks(b)), 0.9369433963852015, 1e-9);
});

Deno.test("ranks of maps are those of their values, negative ones, zeros and ties included", () => {
  const values = Float32Array.of(0, -2, 3e-40, -0, 3, -2, 0, 1e30, -1e-3);
  const own = [4, 0.5, 6, 4, 7, 0.5, 4, 8, 2];
  const mean = 4;
  const length = Math.hypot(...own.map((rank) => rank - mean));
  unitRanks(values).forEach((rank, i) => assertAlmostEquals(rank, (own[i] - mean) / length, 1e-12));
});

Deno.test("a ridge probe's scores of other outputs equal scikit-learn's Ridge on z-scores", async () => {
  const classify = await ridgeClassifier(single.slice(0, 80 * SIZE), {
    labels: labels.slice(0, 80),
    size: SIZE,
    classes: CLASSES,
    alpha: 0.1,
  });
  const expected = [0.43241039535647585, -0.04480348672390366, 0.5806962443484456, 0.031696847018982094];
  const scores = classify(single.slice(80 * SIZE));
  assertEquals(scores.length, 40 * CLASSES);
  expected.forEach((value, i) => assertAlmostEquals(scores[i], value, 1e-6));
});

Deno.test("effective rank and input dependence equal those from NumPy's singular values", () => {
  const { rank, dependence } = spreadOf(single, SIZE);
  assertAlmostEquals(rank, 4.763633367870319, 1e-4);
  assertAlmostEquals(dependence, 3.622048497083053, 1e-4);
});

Deno.test("an output that ignores its image has dependence 0 and rank 1", () => {
  const { dependence, rank } = spreadOf(new Float32Array(20).map((_, i) => i % 2 + 1), 2);
  assertLess(dependence, 1e-12);
  assertEquals(rank, 1);
});

Deno.test("the quantile equals NumPy's", () => {
  assertAlmostEquals(quantile(column(0), 0.95), 1.0822028424590826, 1e-12);
});

Deno.test("the overlap of brightest pixels is 1 for equal maps and 1/3 when half are shared", () => {
  const map = (bright: readonly number[]) =>
    new Float32Array(100).map((_, pixel) => bright.includes(pixel) ? 1 : 0);
  const ten = Array.from({ length: 10 }, (_, i) => i);
  const marked = (bright: readonly number[]) => brightest(map(bright), 0.1);
  assertEquals(overlap(marked(ten), marked(ten)), 1);
  assertAlmostEquals(overlap(marked(ten), marked(ten.map((pixel) => pixel + 5))), 1 / 3, 1e-12);
  assertEquals(marked([]), marked(ten)); // the earlier pixel first of equals
});

Deno.test("gains on one class are concentrated, equal gains are not, no gain counts as none", () => {
  assertEquals(concentration(Float64Array.of(0, 0.2, 0, 0)), 1);
  assertLess(Math.abs(concentration(Float64Array.of(0.1, 0.1, 0.1, 0.1))), 1e-12);
  assertEquals(concentration(new Float64Array(4)), 0);
});

Deno.test("the structural similarity of two maps equals scikit-image's", () => {
  const [a, b] = [single.slice(0, 144), single.slice(240, 384)].map((map) => map.map(Math.abs));
  const largest = (map: Float32Array) => Math.max(...map);
  const mixed = a.map((value, i) => value / largest(a) / 2 + b[i] / largest(b) / 2);
  assertAlmostEquals(ssim(a, b), 0.3922229391491897, 1e-6);
  assertAlmostEquals(ssim(a.map((value) => value / largest(a)), mixed), 0.7257929715954563, 1e-6);
  assertAlmostEquals(ssim(a, a.map((value) => 3 * value)), 1, 1e-6);
});
