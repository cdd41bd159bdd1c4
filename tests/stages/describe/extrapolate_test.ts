import { assertAlmostEquals, assertEquals } from "@std/assert";
import { extrapolate } from "../../../stages/describe/extrapolate.ts";

/** A job whose runs take what `seconds` says of their units, and how large its runs were. */
function jobOf(seconds: (units: number, run: number) => number) {
  let now = 0;
  const sizes: number[] = [];
  const run = (units: number) => {
    now += seconds(units, sizes.length);
    sizes.push(units);
  };
  return { run, sizes, clock: () => now };
}

Deno.test("a job that fits the budget is measured whole, after a run that is not counted", async () => {
  const { run, sizes, clock } = jobOf((units, run) => 0.01 * units + (run === 0 ? 5 : 0));
  const seconds = await extrapolate({ run, units: 40 }, { budget: 6, clock });
  assertAlmostEquals(seconds, 0.4, 1e-9);
  assertEquals(sizes[1], 1);
  assertEquals(Math.max(...sizes), 40);
});

Deno.test("a larger job is followed along the line through its runs", async () => {
  const { run, clock } = jobOf((units) => 0.1 + 0.2 * units);
  const seconds = await extrapolate({ run, units: 1000 }, { budget: 10, clock });
  assertAlmostEquals(seconds, 0.1 + 0.2 * 1000, 1e-6);
});

Deno.test("a job whose smallest run takes the budget is run once more, larger, where that takes longer", async () => {
  const { run, sizes, clock } = jobOf((units) => 3 * units);
  assertAlmostEquals(await extrapolate({ run, units: 10, from: 2 }, { budget: 1, clock }), 30);
  assertEquals(sizes, [2, 4]);
});

Deno.test("of what any run takes, the smallest one is not multiplied into the whole", async () => {
  const { run, sizes, clock } = jobOf((units) => 8 + 0.7 * units);
  const seconds = await extrapolate({ run, units: 64, from: 2 }, { budget: 6, clock });
  assertEquals(sizes, [2, 4, 16]);
  assertAlmostEquals(seconds, 8 + 0.7 * 64, 2);
});

Deno.test("a job that is no larger than its smallest run is run once", async () => {
  const { run, sizes, clock } = jobOf((units) => 3 * units);
  assertAlmostEquals(await extrapolate({ run, units: 2, from: 2 }, { budget: 1, clock }), 6);
  assertEquals(sizes, [2]);
});

Deno.test("runs of a calibration end soon after the budget", async () => {
  const { run, clock } = jobOf((units) => 0.02 * units);
  await extrapolate({ run, units: 1e6 }, { budget: 1, clock });
  assertEquals(clock() < 1.1, true);
});
