import { assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { ordinalFigure } from "../../../treenet/figures/ordinal.ts";

const labels = {
  title: "A sweep",
  x: "leaves",
  values: ["1", "2", "16"],
  panels: { a: "Accuracy", b: "Size" },
};
const at = (index: number, value: number) => ({
  at: index,
  measured: { a: { value, interval: [value - 1, value + 1] as const }, b: { value: 10 * value } },
});

function circles(svg: string) {
  return [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => ({
    x: Number(x),
    y: Number(y),
  }));
}

Deno.test("values stand at equal distances, whatever they are, and higher is more", () => {
  const svg = ordinalFigure([{ title: "one", points: [at(0, 10), at(1, 20), at(2, 40)] }], labels);
  const [first, second, third] = circles(svg);
  assertAlmostEquals(second.x - first.x, third.x - second.x, 0.02);
  assertAlmostEquals(2 * (first.y - second.y), second.y - third.y, 0.03);
  for (const text of ["A sweep", "Accuracy", "Size", "leaves", ">16<", ">one<"]) {
    assertStringIncludes(svg, text);
  }
});

Deno.test("a bar spans the interval, and there is none where there is no interval", () => {
  const svg = ordinalFigure([{ title: "one", points: [at(0, 10), at(1, 20)] }], labels);
  const [[, top, bottom]] = [...svg.matchAll(/d="M[\d.]+ ([\d.]+)V([\d.]+)M/g)];
  const [low, high] = circles(svg);
  const unit = (low.y - high.y) / 10;
  assertAlmostEquals(Number(top) - Number(bottom), 2 * unit, 0.05);
  assertEquals(svg.match(/stroke-opacity/g)!.length, 1);
});

Deno.test("series stand beside each other, and one may lack a value or a measure", () => {
  const lacking = { at: 1, measured: { b: { value: 3 } } };
  const svg = ordinalFigure([
    { title: "one", points: [at(0, 10), at(1, 20)] },
    { title: "two", points: [lacking] },
  ], labels);
  const spots = circles(svg);
  assertEquals(spots.length, 2 + 2 + 1);
  assertEquals(new Set(spots.map(({ x }) => x)).size, 5);
});
