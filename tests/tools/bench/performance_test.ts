import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { documents } from "../../../tools/bench/performance/document.ts";
import { growthOf, speedupOf, stepSpeedups } from "../../../tools/bench/performance/suite_growth.ts";
import { withPart } from "../../../tools/bench/performance/marks.ts";
import { type Point, readMeasurements } from "../../../tools/bench/performance/measurements.ts";
import { ratioFigure } from "../../../tools/bench/performance/ratio_figure.ts";
import { ratioRange } from "../../../tools/bench/performance/performance_words.ts";

const ROOT = new URL("../../../", import.meta.url);
const point = (m: number, cores: number, msPerStep: number): Point => ({
  backend: "wasm",
  m,
  batch: 64,
  cores,
  msPerStep,
});

Deno.test("docs/performance.md, its figures and the README's quote are what the measurements beside them say", async () => {
  for (const { path, bytes } of await documents(await readMeasurements())) {
    const found = await Deno.readFile(new URL(path, ROOT));
    const same = found.length === bytes.length && found.every((byte, i) => byte === bytes[i]);
    assert(same, `${path} is not what the measurements say, run "deno task docs:performance"`);
  }
});

Deno.test("a part between marks is replaced and nothing else; missing marks are named", () => {
  const text = "a\n<!-- x: deno task docs:performance -->\nold\n<!-- end of x -->\nb";
  const filled = withPart(text, { name: "x", content: "new" });
  assertEquals(filled, "a\n<!-- x: deno task docs:performance -->\n\nnew\n\n<!-- end of x -->\nb");
  assertEquals(withPart(filled, { name: "x", content: "new" }), filled);
  assertThrows(() => withPart("a", { name: "x", content: "" }), Error, 'Cannot write part "x"');
});

Deno.test("linear cost has exponent 1, and cores are compared at equal size", () => {
  const points = [point(4, 2, 40), point(8, 2, 80), point(64, 2, 640), point(8, 1, 150)];
  const growth = growthOf(points, "m")!;
  assertEquals([growth.from, growth.to, growth.factor], [4, 64, 16]);
  assert(Math.abs(growth.exponent - 1) < 1e-12, String(growth.exponent));
  assertEquals(growthOf(points, "batch"), undefined);
  assertEquals(speedupOf(points), { cores: 2, least: 1.875, most: 1.875 });
});

Deno.test("a range of ratios pairs the runs of a turn, above 1 where we are faster", () => {
  const entry = {
    ...{
      name: "probe/lbfgs-8x4",
      backend: "wasm",
      mode: "",
      against: "",
      ours: 2,
      peer: 4,
      ratio: 2,
      unit: "s" as const,
    },
    runs: { ours: [2, 1], peer: [4, 6] },
  };
  assertEquals(ratioRange(entry), [2, 6]);
  const svg = ratioFigure([entry]);
  assertStringIncludes(svg, "linear probe, 8 × 4: wasm");
});

Deno.test("a second core is judged step by step, by each backend", () => {
  const step = (backend: string, cores: number, msPerStep: number) => ({
    name: "train-step/a",
    backend,
    cores,
    msPerStep,
  });
  const steps = [step("wasm", 1, 300), step("wasm", 2, 200), step("tensorflow", 2, 100)];
  assertEquals(stepSpeedups(steps), [
    { name: "train-step/a", backend: "wasm", cores: 2, alone: 300, together: 200, times: 1.5 },
  ]);
});
