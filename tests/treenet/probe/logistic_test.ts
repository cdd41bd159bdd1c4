import { assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { LogisticProblem, predict } from "../../../treenet/probe/logistic.ts";
import { CLASSES, goldenData, SIZE } from "./golden_data.ts";

// LogisticRegression(C=1/(n·l2), tol=1e-12) on StandardScaler's z-scores.
const golden = [
  { l2: 1e-3, objective: 0.9782529518096006, right: 70, first: 0.10286897319893905 },
  { l2: 0.1, objective: 1.123405374168061, right: 71, first: 0.2871253383731509 },
];

for (const { l2, objective, right, first } of golden) {
  Deno.test(`logistic regression at l2 ${l2} equals scikit-learn's`, async () => {
    const data = goldenData();
    const problem = await LogisticProblem.create(data, CLASSES);
    const fit = problem.fit({ l2, tolerance: 1e-9 });
    problem.free();
    assertAlmostEquals(fit.objective, objective, 1e-10);
    assertAlmostEquals(fit.weights[0], first, 1e-5);
    assertLess(fit.gradientNorm, 1e-9);
    const named = predict(fit, data);
    assertEquals(named.filter((label, i) => label === data.labels[i]).length, right);
  });
}

Deno.test("the gradient of the objective agrees with finite differences", async () => {
  const problem = await LogisticProblem.create(goldenData(), CLASSES);
  const theta = Float64Array.from({ length: (SIZE + 1) * CLASSES }, (_, i) => Math.sin(i) / 3);
  const { gradient } = problem.evaluate(theta, 0.05);
  for (const [i, slope] of gradient.entries()) {
    const at = (step: number) => problem.evaluate(theta.with(i, theta[i] + step), 0.05).value;
    assertAlmostEquals((at(1e-5) - at(-1e-5)) / 2e-5, slope, 1e-9);
  }
  problem.free();
});

Deno.test("a warm start leads to the same minimum as a start from zero", async () => {
  const problem = await LogisticProblem.create(goldenData(), CLASSES);
  const cold = problem.fit({ l2: 0.01, tolerance: 1e-9 });
  const warm = problem.fit({ l2: 0.01, tolerance: 1e-9, from: problem.fit({ l2: 1 }) });
  problem.free();
  assertAlmostEquals(warm.objective, cold.objective, 1e-12);
  assertGreater(cold.iterations, 2);
});

Deno.test("a constant feature gets weight zero and changes nothing", async () => {
  const data = goldenData();
  const widened = new Float64Array(data.labels.length * (SIZE + 1)).map((_, i) => {
    const [row, j] = [Math.floor(i / (SIZE + 1)), i % (SIZE + 1)];
    return j === SIZE ? 0.1 : data.x[row * SIZE + j];
  });
  const fitOf = async (features: typeof data) => {
    const problem = await LogisticProblem.create(features, CLASSES);
    const fit = problem.fit({ l2: 0.1, tolerance: 1e-9 });
    problem.free();
    return fit;
  };
  const [plain, wide] = [await fitOf(data), await fitOf({ ...data, x: widened, size: SIZE + 1 })];
  assertAlmostEquals(wide.objective, plain.objective, 1e-10);
  assertAlmostEquals(Math.max(...wide.weights.slice(SIZE * CLASSES).map(Math.abs)), 0, 1e-9);
});
