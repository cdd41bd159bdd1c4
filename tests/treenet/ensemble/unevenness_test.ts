import { assertAlmostEquals, assertLess } from "@std/assert";
import { unevenness } from "../../../treenet/ensemble/unevenness.ts";
import { random } from "../../../treenet/random.ts";

const none = Array<number>(10).fill(0);

Deno.test("leaves that gain evenly have no unevenness, leaves that gain on one class the number of classes", () => {
  assertAlmostEquals(unevenness([{ gains: none.map(() => 0.1), errors: none }]), 0, 1e-12);
  assertAlmostEquals(unevenness([{ gains: none.map((_, c) => c === 3 ? 0.1 : 0), errors: none }]), 10, 1e-12);
});

Deno.test("noise of the stated errors adds nothing on average, to even leaves and to uneven ones", () => {
  const stream = random(5), error = 0.05;
  const leaves = (gain: (c: number) => number) =>
    Array.from({ length: 4000 }, () => ({
      gains: none.map((_, c) => gain(c) + error * stream.normal()),
      errors: none.map(() => error),
    }));
  const uneven = (c: number) => c < 4 ? 0.3 : 0.1;
  const truth = unevenness([{ gains: none.map((_, c) => uneven(c)), errors: none }]);
  assertLess(Math.abs(unevenness(leaves(() => 0.2))), 0.01);
  assertLess(Math.abs(unevenness(leaves(uneven)) - truth), 0.02);
});
