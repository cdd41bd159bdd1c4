import { assertAlmostEquals, assertThrows } from "@std/assert";
import { twoSided } from "../../../treenet/statistics/student.ts";

Deno.test("quantiles of Student's t equal published ones", () => {
  // scipy.stats.t.ppf(0.975, df), and norm.ppf(0.975) for the last.
  const published = [
    [1, 12.706204736174704],
    [2, 4.302652729749464],
    [5, 2.5705818356363146],
    [12, 2.1788128296634177],
    [100, 1.9839715185235518],
  ];
  for (const [degrees, t] of published) assertAlmostEquals(twoSided(degrees), t, 2e-5 * t);
  assertAlmostEquals(twoSided(Infinity), 1.959963984540054, 4e-4);
  assertAlmostEquals(twoSided(5, { level: 0.9 }), 2.015048372669157, 2e-5);
});

Deno.test("a quantile without a degree of freedom is refused", () => {
  assertThrows(() => twoSided(0.5), RangeError, "expected at least 1");
});
