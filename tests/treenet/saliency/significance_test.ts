import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import fc from "fast-check";
import { random } from "../../../treenet/random.ts";
import {
  holm,
  permutationP,
  predictionP,
  studentTail,
} from "../../../treenet/saliency/leaves/significance.ts";

Deno.test("the tail of Student's distribution equals SciPy's", () => {
  const expected = [
    [1, 2, 0.14758361765043326],
    [2, -1.3, 0.8383764840919798],
    [7, 2.5, 0.020496109292876444],
    [31, 4, 0.00018265252678232165],
    [8, 0, 0.5],
  ];
  for (const [freedom, t, tail] of expected) assertAlmostEquals(studentTail(t, freedom), tail, 1e-12);
});

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

Deno.test("of values of the null population one in twenty has a p of at most 5%", () => {
  const stream = random(7);
  let small = 0;
  for (let round = 0; round < 4000; round++) {
    const sample = Array.from({ length: 8 }, () => 0.3 + 0.02 * stream.normal());
    if (predictionP(0.3 + 0.02 * stream.normal(), sample) <= 0.05) small++;
  }
  assertGreater(small / 4000, 0.04);
  assertLess(small / 4000, 0.06);
});

Deno.test("a value like a sample without spread is no surprise", () => {
  assertEquals(predictionP(0.25, [0.25, 0.25, 0.25]), 1);
  assertLess(predictionP(0.5, [0.25, 0.25, 0.25]), 1e-6);
});
