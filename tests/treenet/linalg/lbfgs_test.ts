import { assert, assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { minimize } from "../../../treenet/linalg/lbfgs.ts";

/** Σ aᵢ(xᵢ − i)²/2, with curvatures from 1 to 10⁴. */
function bowl(x: Float64Array) {
  const curvature = (i: number) => 10 ** (4 * i / (x.length - 1));
  return {
    value: x.reduce((sum, value, i) => sum + curvature(i) * (value - i) ** 2 / 2, 0),
    gradient: x.map((value, i) => curvature(i) * (value - i)),
  };
}

Deno.test("L-BFGS finds the minimum of an ill-conditioned quadratic", () => {
  const { x, converged, gradientNorm } = minimize(bowl, { start: new Float64Array(20) });
  assert(converged);
  assertLess(gradientNorm, 1e-7);
  x.forEach((value, i) => assertAlmostEquals(value, i, 1e-7));
});

Deno.test("L-BFGS with the exact inverse Hessian needs one step", () => {
  const precondition = (v: Float64Array) => v.map((value, i) => value / 10 ** (4 * i / (v.length - 1)));
  assertEquals(minimize(bowl, { start: new Float64Array(20), precondition, tolerance: 1e-6 }).iterations, 1);
});

Deno.test("L-BFGS says that it did not converge when its iterations run out", () => {
  const { converged, iterations } = minimize(bowl, { start: new Float64Array(20), maxIterations: 3 });
  assertEquals([converged, iterations], [false, 3]);
});

Deno.test("L-BFGS preconditions the gradient of each point once", () => {
  let calls = 0;
  const precondition = (v: Float64Array) => {
    calls++;
    return v.map((value, i) => value / (1 + i));
  };
  const { iterations, converged } = minimize(bowl, { start: new Float64Array(20), precondition });
  assert(converged && iterations > 3);
  assertEquals(calls, iterations + 1);
});
