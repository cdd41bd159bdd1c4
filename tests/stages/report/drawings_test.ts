import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { placed, rangeOf, ticks } from "../../../treenet/figures/axes.ts";
import { type Curve, curvesFigure, type Log, measuredIn, thinned } from "../../../treenet/figures/curves.ts";
import { figure5 } from "../../../stages/umap/figure5.ts";
import { scatterPanel } from "../../../treenet/figures/scatter.ts";
import { coordinate, text } from "../../../treenet/figures/svg.ts";
import { classes } from "../../../treenet/figures/palette.ts";

const finite = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 });

Deno.test("ticks are round, rise, and stay within their range", () => {
  fc.assert(fc.property(fc.tuple(finite, finite).filter(([a, b]) => Math.abs(a - b) > 1e-3), ([a, b]) => {
    const [low, high] = [Math.min(a, b), Math.max(a, b)];
    const found = ticks({ low, high });
    const air = (high - low) * 1e-6;
    assert(found.length >= 2 && found.length <= 11);
    found.forEach((tick, i) => {
      assert(tick >= low - air && tick <= high + air);
      assert(i === 0 || tick > found[i - 1]);
    });
  }));
  assertEquals(ticks({ low: 0, high: 1 }), [0, 0.2, 0.4, 0.6, 0.8, 1]);
});

Deno.test("a range of one value has a width, and what is not a number is left out", () => {
  const { low, high } = rangeOf([5, NaN, 5]);
  assert(low < 5 && high > 5);
  assertEquals(rangeOf([NaN]), { low: 0, high: 1 });
});

Deno.test("the ends of a range are placed on the edges of the frame, y upwards", () => {
  const axes = {
    frame: { x: 10, y: 20, width: 100, height: 50 },
    x: { low: 0, high: 2 },
    y: { low: -1, high: 1 },
  };
  assertEquals(placed({ x: 0, y: -1 }, axes), { x: 10, y: 70 });
  assertEquals(placed({ x: 2, y: 1 }, axes), { x: 110, y: 20 });
});

Deno.test("a thinned log keeps its mean and its length limit, and a short one is left alone", () => {
  const log = (length: number): Log => {
    const column = Array.from({ length }, (_, i) => i);
    return { images: column, loss: column, teacher_entropy: column, kl: column, feature_sd: column };
  };
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  assertEquals(thinned(log(1000), 100).loss.length, 100);
  assertAlmostEquals(mean(thinned(log(1000), 100).loss), mean(log(1000).loss), 1e-9);
  assertEquals(thinned(log(7), 100), log(7));
  const gaps = { ...log(8), kl: [1, NaN, NaN, 3, NaN, NaN, 5, 7] };
  assertEquals(thinned(gaps, 4).kl, [1, 3, NaN, 6]);
});

Deno.test("a curve with gaps is drawn without them, and names are escaped", () => {
  const column = [1, NaN, 3];
  const log = {
    images: [1, 2, 3],
    loss: column,
    teacher_entropy: column,
    kl: column,
    feature_sd: [NaN, NaN, NaN],
  };
  const curve: Curve = { model: "a", seed: 0, title: "a<b & c", log };
  const columns = ["loss", "teacher_entropy", "kl", "feature_sd", "rankme"];
  const quantities = measuredIn(
    [curve],
    columns.map((column) => ({ column, title: column, required: false })),
  );
  assertEquals(quantities.map(({ column }) => column), ["loss", "teacher_entropy", "kl"]);
  const svg = curvesFigure([curve], { quantities, title: "Curves" });
  assertStringIncludes(svg, "a&lt;b &amp; c");
  assert(!svg.includes("NaN"));
  assertEquals(svg.match(/<path/g)?.length, 3);
});

Deno.test("layouts fill a square panel with equal units on both axes", () => {
  fc.assert(fc.property(fc.array(finite, { minLength: 4, maxLength: 40 }), (values) => {
    const points = Float32Array.from(values.slice(0, values.length & ~1));
    const labels = new Uint8Array(points.length / 2).fill(2); // a class drawn as discs, at their centres
    const svg = scatterPanel({ points, labels }, { at: { x: 0, y: 0 }, side: 178 });
    const dots = [...svg.matchAll(/M([\d.-]+) ([\d.-]+)h/g)].map(([, x, y]) => ({
      x: Number(x),
      y: Number(y),
    }));
    assertEquals(dots.length, labels.length);
    assert(dots.every(({ x, y }) => x >= 0 && x <= 178 && y >= 0 && y <= 178));
    const [dx, dy] = [points[2] - points[0], points[3] - points[1]];
    const [u, v] = [dots[1].x - dots[0].x, dots[1].y - dots[0].y];
    const rounding = 0.01 * (Math.abs(dx) + Math.abs(dy));
    assertAlmostEquals(u * dy, -v * dx, 1e-3 * (1 + Math.abs(u * dy)) + rounding);
  }));
});

Deno.test("Figure 5 names every class and every model, and draws every image of every panel", () => {
  const labels = Uint8Array.from({ length: 30 }, (_, i) => i % 10);
  const layout = { points: Float32Array.from({ length: 60 }, (_, i) => Math.cos(i)), notes: ["a note"] };
  const of = (model: string) => ({
    model,
    seed: 0,
    title: `<${model}>`,
    labels,
    index: new Int32Array(30),
    teacher: layout,
    random: layout,
  });
  const svg = figure5(["a", "b", "c", "d", "e"].map(of));
  for (const { name } of classes) assertStringIncludes(svg, `>${name}</text>`);
  for (const model of "abcde") assertStringIncludes(svg, `>&lt;${model}></text>`);
  const marks = svg.match(/M[\d.-]+ [\d.-]+/g)!.length;
  assertEquals(marks, classes.length + 5 * 2 * 30);
  assertEquals(svg.match(/>a note</g)!.length, 10);
});

Deno.test("Figure 5 keeps its text inside, also for a single model", () => {
  const layout = { points: Float32Array.from([0, 0, 1, 1]), notes: [] };
  const pair = { model: "a", seed: 0, title: "a", labels: new Uint8Array(2), index: new Int32Array(2) };
  for (const count of [1, 2, 3, 4, 5]) {
    const svg = figure5(Array.from({ length: count }, () => ({ ...pair, teacher: layout, random: layout })));
    const width = Number(/width="(\d+)"/.exec(svg)![1]);
    const places = [...svg.matchAll(/<text x="([-\d.]+)"/g)].map(([, x]) => Number(x));
    assert(places.every((x) => x > 0 && x < width - 30), `${count} models`);
  }
});

Deno.test("coordinates keep two decimals and have no negative zero", () => {
  assertEquals([1 / 3, -0.001, 12].map(coordinate), ["0.33", "0", "12"]);
  assertStringIncludes(text("x", { x: 1, y: 2 }, { turn: -90 }), 'transform="rotate(-90 1 2)"');
});
