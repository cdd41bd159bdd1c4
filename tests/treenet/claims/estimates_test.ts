import { assertAlmostEquals, assertEquals } from "@std/assert";
import { overSeeds } from "../../../treenet/claims/estimates.ts";

Deno.test("an interval over seeds equals SciPy's of one sample", () => {
  // scipy.stats.t.interval(0.95, 3, 2.5, scipy.stats.sem([1, 2, 3, 4]))
  const { mean, interval } = overSeeds([1, 2, 3, 4]);
  assertEquals(mean, 2.5);
  [0.44573974323947924, 4.554260256760521].forEach((end, i) => assertAlmostEquals(interval[i], end, 1e-5));
});

Deno.test("one seed says nothing about others", () => {
  assertEquals(overSeeds([0.3]).interval, [-Infinity, Infinity]);
});
