import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { documents } from "./document.ts";
import { growthOf, speedupOf, stepSpeedups } from "./growth.ts";
import { withPart } from "./marks.ts";
import { type Point, readMeasurements } from "./measurements.ts";
import { ratioFigure } from "./ratio_figure.ts";
import { goalsPart } from "./table.ts";
import { ratioRange, timesOf, titleOf } from "./words.ts";

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

Deno.test("the figures are shown, and every comparison has its row", async () => {
  const text = await Deno.readTextFile(new URL("docs/performance.md", ROOT));
  for (const name of ["ratios", "scaling"]) assertStringIncludes(text, `](performance/${name}.png)`);
  const { peers } = await readMeasurements();
  for (const { name, ratio } of peers.entries) {
    const row = text.split("\n").find((line) =>
      line.includes(titleOf(name)) && line.includes(timesOf(ratio))
    );
    assert(row !== undefined, name);
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

Deno.test("a goal is met where every number reaches it, and what was not measured is said to be so", async () => {
  const measured = await readMeasurements();
  const ratios = (ratio: number) => {
    const entries = measured.peers.entries.map((entry) => ({ ...entry, ratio }));
    return goalsPart({ ...measured, peers: { ...measured.peers, entries } });
  };
  const row = (table: string) => table.split("\n").find((line) => line.includes("resnet50, by `wasm`"))!;
  assert(row(ratios(0.4)).endsWith("| 0.40× PyTorch's speed | 0.40× | met |"));
  assert(!row(ratios(0.39)).endsWith("| met |"));
  const nothing = goalsPart({ ...measured, peers: { ...measured.peers, entries: [] } });
  assertStringIncludes(row(nothing), "| not measured here |");
});
