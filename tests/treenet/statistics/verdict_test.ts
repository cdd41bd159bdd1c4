import { assertEquals } from "@std/assert";
import { isAbove, isWithin, together } from "../../../treenet/statistics/outcome.ts";
import { type Evidence, verdict } from "../../../treenet/statistics/verdict.ts";

const row = (model: string, paper: number, off = 0) => ({
  model,
  paper,
  seeds: 6,
  interval: [paper + off - 0.01, paper + off + 0.01] as const,
});
const pair = (better: string, worse: string, low = 0.01) => ({
  better,
  worse,
  seeds: 6,
  interval: [low, low + 0.05] as const,
});
const whole: Evidence = {
  scaledDown: false,
  rows: [row("dense-join", 0.718), row("avg-join", 0.652), row("cnn", 0.62), row("resnet50", 0.611, -0.2)],
  pairs: [pair("dense-join", "avg-join"), pair("avg-join", "cnn")],
};
const outcomesOf = (change: Partial<Evidence>) => {
  const { order, levels } = verdict({ ...whole, ...change });
  return [order.outcome, levels.outcome];
};

Deno.test("a difference is supported above 0, contradicted below it, and undecided where its interval holds 0", () => {
  assertEquals([isAbove([0.01, 0.2]), isAbove([-0.2, -0.01])], ["supported", "contradicted"]);
  for (const interval of [[-0.1, 0.1], [0, 0.1], [-0.1, 0]] as const) {
    assertEquals(isAbove(interval), "undecided");
  }
});

Deno.test("a quantity is within a range, outside of it, or across its end", () => {
  const range = [-0.01, 0.01] as const;
  assertEquals(isWithin([-0.005, 0.009], range), "supported");
  assertEquals([isWithin([0.02, 0.03], range), isWithin([-0.03, -0.02], range)], [
    "contradicted",
    "contradicted",
  ]);
  for (const interval of [[0, 0.01], [0.005, 0.02], [-0.5, 0.5], [0.01, 0.02]] as const) {
    assertEquals(isWithin(interval, range), "undecided");
  }
});

Deno.test("claims together take all for support, one for contradiction, and each to be tested", () => {
  assertEquals(together(["supported", "supported"]), "supported");
  assertEquals(together(["supported", "contradicted", "undecided"]), "contradicted");
  assertEquals(together(["supported", "undecided"]), "undecided");
  assertEquals([together(["contradicted", "not tested"]), together([])], ["not tested", "not tested"]);
});

Deno.test("the order, significant, and the levels near the paper's are supported, and ResNet50 holds no level", () => {
  assertEquals(outcomesOf({}), ["supported", "supported"]);
  const { levels, unleveled } = verdict(whole);
  assertEquals([levels.parts.length, unleveled.map(({ model }) => model)], [3, ["resnet50"]]);
});

Deno.test("a row off by more than the margin on either side contradicts the levels alone", () => {
  for (const off of [-0.05, 0.05]) {
    assertEquals(outcomesOf({ rows: whole.rows.with(2, row("cnn", 0.62, off)) }), [
      "supported",
      "contradicted",
    ]);
  }
  assertEquals(outcomesOf({ rows: whole.rows.with(2, row("cnn", 0.62, 0.03)) }), ["supported", "undecided"]);
});

Deno.test("a step of the order that holds 0 is undecided, one wholly below it contradicts, at any scale", () => {
  for (const scaledDown of [false, true]) {
    const at = (low: number) =>
      verdict({ ...whole, scaledDown, pairs: [whole.pairs[0], pair("avg-join", "cnn", low)] }).order.outcome;
    assertEquals([at(0.01), at(-0.01), at(-0.2)], ["supported", "undecided", "contradicted"]);
  }
});

Deno.test("a scaled-down run tests no level", () => {
  assertEquals(outcomesOf({ scaledDown: true }), ["supported", "not tested"]);
});

Deno.test("five seeds of a row, or a row without the released probe, test nothing", () => {
  const five = whole.rows.with(1, { ...whole.rows[1], seeds: 5 });
  assertEquals(outcomesOf({ rows: five }), ["supported", "not tested"]);
  const unmeasured = whole.rows.with(2, { ...whole.rows[2], interval: undefined });
  assertEquals(outcomesOf({ rows: unmeasured }), ["supported", "not tested"]);
  const fewer = [whole.pairs[0], { ...whole.pairs[1], seeds: 5 }];
  assertEquals(outcomesOf({ pairs: fewer }), ["not tested", "supported"]);
  const apart = [whole.pairs[0], { ...whole.pairs[1], interval: undefined }];
  assertEquals(outcomesOf({ pairs: apart }), ["not tested", "supported"]);
});
