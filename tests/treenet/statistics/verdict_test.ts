import { assertEquals } from "@std/assert";
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
  rows: [row("dense-join", 0.718), row("avg-join", 0.652), row("cnn", 0.62), row("resnet50", 0.611)],
  pairs: [pair("dense-join", "avg-join"), pair("avg-join", "cnn")],
};
const outcomeOf = (change: Partial<Evidence>) => verdict({ ...whole, ...change }).outcome;

Deno.test("the order, significant, and every row near the paper's is a reproduction", () => {
  assertEquals(verdict(whole).outcome, "reproduced");
  assertEquals(verdict(whole).reasons.length, 6);
});

Deno.test("the order alone is partial, on whichever side a row is off", () => {
  for (const off of [-0.021, 0.021]) {
    const rows = whole.rows.with(3, row("resnet50", 0.611, off));
    assertEquals(outcomeOf({ rows }), "partial");
  }
  assertEquals(outcomeOf({ rows: whole.rows.with(3, row("resnet50", 0.611, 0.0199)) }), "reproduced");
});

Deno.test("a step of the order whose interval reaches 0 is no reproduction, however near the rows", () => {
  for (const low of [0, -0.01, -0.2]) {
    assertEquals(outcomeOf({ pairs: [whole.pairs[0], pair("avg-join", "cnn", low)] }), "not reproduced");
  }
});

Deno.test("a scaled-down run tests nothing, whatever its numbers", () => {
  assertEquals(verdict({ ...whole, scaledDown: true }), {
    outcome: "not tested",
    reasons: [{ type: "scaled-down" }],
  });
});

Deno.test("five seeds of one row, or a row without the released probe, test nothing", () => {
  const five = whole.rows.with(1, { ...whole.rows[1], seeds: 5 });
  assertEquals(verdict({ ...whole, rows: five }).reasons, [{ type: "few-seeds", seeds: 5 }]);
  const unmeasured = whole.rows.with(2, { ...whole.rows[2], interval: undefined });
  assertEquals(verdict({ ...whole, rows: unmeasured }), {
    outcome: "not tested",
    reasons: [{ type: "not-measured", models: ["cnn"] }],
  });
  const apart = [whole.pairs[0], { ...whole.pairs[1], interval: undefined }];
  assertEquals(verdict({ ...whole, pairs: apart }).reasons, [
    { type: "not-measured", models: ["avg-join", "cnn"] },
  ]);
});
