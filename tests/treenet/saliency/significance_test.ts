import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { holm, permutationP } from "../../../treenet/saliency/leaves/significance.ts";

Deno.test("Holm's correction equals a worked example, in the order given", () => {
  const found = holm([0.01, 0.04, 0.03, 0.005]).map(({ adjusted }) => adjusted);
  [0.03, 0.06, 0.06, 0.02].forEach((value, i) => assertAlmostEquals(found[i], value, 1e-12));
});

Deno.test("adjusted p-values are no smaller, at most 1, and keep the order", () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(fc.property(fc.array(share, { minLength: 1 }), (p) => {
    const found = holm(p);
    for (const { p, adjusted } of found) assert(adjusted >= p && adjusted <= 1);
    for (const one of found) {
      for (const other of found) assert(one.p >= other.p || one.adjusted <= other.adjusted);
    }
  }));
});

Deno.test("a value above all draws of its null has the least p there is", () => {
  assertEquals(permutationP(3, [1, 2, 2.5]), 1 / 4);
  assertEquals(permutationP(2, [1, 2, 2.5]), 3 / 4);
});
