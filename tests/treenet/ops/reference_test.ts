/**
 * Holds the science against golden values that PyTorch and scikit-learn computed: written by
 * `deno task test:reference --update`, explained in docs/reference.md.
 */
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { batchOf } from "../../reference/our_batch.ts";
import { forwardOf } from "../../reference/our_forward.ts";
import forwardGolden from "../../reference/golden/forward.json" with { type: "json" };
import gradientGolden from "../../reference/golden/gradient.json" with { type: "json" };
import methodsGolden from "../../reference/golden/methods.json" with { type: "json" };
import optimiserGolden from "../../reference/golden/optimiser.json" with { type: "json" };
import probesGolden from "../../reference/golden/probes.json" with { type: "json" };
import releasedGolden from "../../reference/golden/released.json" with { type: "json" };
import trajectoryGolden from "../../reference/golden/trajectory.json" with { type: "json" };
import { lessonOf, methodCases } from "../../reference/our_methods.ts";
import { smallCases } from "../../reference/drawn_networks.ts";
import { everyRate, scheduleOptions, updated } from "../../reference/our_optimiser.ts";
import { withOps } from "../../reference/ops.ts";
import { fits, TEST } from "../../reference/our_probes.ts";
import { released } from "../../reference/our_released.ts";
import { IMAGES, SEEDS } from "../../reference/topics/trajectory_topic.ts";
import { RULES, trajectoryOf } from "../../reference/our_trajectory.ts";
import type { Weights } from "../../../treenet/nn/parameters.ts";
import type { ParameterSpec } from "../../../treenet/nn/types.ts";
import { toPublic } from "../../../treenet/nn/weights.ts";

const FROZEN = "last_layer.weight_v";
const DIGITS = 1e-6; // golden values have seven

/** Largest difference ÷ largest value of the reference. */
function apart(ours: ArrayLike<number>, reference: readonly number[]): number {
  assertEquals(ours.length, reference.length);
  const largest = Math.max(...reference.map(Math.abs));
  return Math.max(...reference.map((value, i) => Math.abs(value - ours[i]))) / largest;
}

/** Norm, and product with cos 0, cos 1, …, as the reference's. */
function checksum(values: Float32Array): readonly [number, number] {
  let [squares, product] = [0, 0];
  values.forEach((value, i) => {
    squares += value ** 2;
    product += value * Math.cos(i);
  });
  return [Math.sqrt(squares), product];
}

/** Compares the checksum of every parameter's gradient, whose errors may add up over its numbers. */
function checkGradients(
  specs: readonly ParameterSpec[],
  gradients: Weights,
  { golden, tolerance }: {
    readonly golden: Readonly<Record<string, readonly number[]>>;
    readonly tolerance: number;
  },
): void {
  const found = toPublic(specs.filter(({ name }) => name in gradients), gradients);
  assertEquals(Object.keys(found).sort(), Object.keys(golden).sort());
  for (const [parameter, { data }] of Object.entries(found)) {
    const slack = tolerance * golden[parameter][0] * Math.sqrt(data.length);
    checksum(data).forEach((sum, i) => {
      const wanted = golden[parameter][i];
      assert(Math.abs(sum - wanted) <= slack, `${parameter}: ${sum}, expected ${wanted}`);
    });
  }
}

for (const which of smallCases()) {
  const { label, model, network } = which;
  const name = label as keyof typeof forwardGolden & keyof typeof gradientGolden;

  Deno.test(`${label}: embedding and head are PyTorch's, to 5e-6`, () =>
    withOps((ops) => {
      const { embedding, outputs } = forwardOf(which, { ops, images: 6 });
      assertLessOrEqual(apart(embedding, forwardGolden[name].embedding), 5e-6);
      assertLessOrEqual(apart(outputs, forwardGolden[name].outputs), 5e-6);
    }));

  const tolerance = model === "resnet50" ? 5e-3 : 2e-4;
  Deno.test(`${label}: 18 terms of every head, loss and all gradients are PyTorch's, gradients to ${tolerance}`, () =>
    withOps(async (ops) => {
      const { result, terms } = await batchOf(which, ops);
      const golden = gradientGolden[name];
      assertEquals(terms.length, 18 * which.parts.length);
      assertLessOrEqual(apart(terms, golden.terms), 2e-6);
      assertLessOrEqual(apart([result.loss], golden.loss), 2e-6);
      checkGradients(network.specs, result.gradients, { golden: golden.gradients, tolerance });
    }));
}

for (const which of methodCases()) {
  Deno.test(`${which.label}: loss, leaves' cosine and all gradients are PyTorch's, gradients to 2e-4`, () =>
    withOps(async (ops) => {
      const { result } = await lessonOf(which, ops);
      const golden = methodsGolden[which.label as keyof typeof methodsGolden];
      assertLessOrEqual(apart([result.loss], golden.loss), 2e-6);
      assertLessOrEqual(apart([result.leafCosine], golden.leafCosine), 1e-5);
      checkGradients(which.network.specs, result.gradients, { golden: golden.gradients, tolerance: 2e-4 });
    }));
}

for (const label of Object.keys(trajectoryGolden) as (keyof typeof trajectoryGolden)[]) {
  Deno.test(`${label}: twenty steps of training are PyTorch's, weights to 1e-4`, async (t) => {
    const which = smallCases().find((each) => each.label === label)!;
    const run = await withOps((ops) => trajectoryOf(which, { ops, images: IMAGES, seed: SEEDS[label] }));
    const golden = trajectoryGolden[label];

    await t.step("loss of every step, and the centre after the last", () => {
      assertLessOrEqual(apart(run.moments.map(({ loss }) => loss), golden.loss), 1e-4);
      assertLessOrEqual(apart(run.moments.at(-1)!.centre, golden.centre), 1e-3);
    });

    await t.step("every parameter after the last", () => {
      const found = toPublic(which.network.specs, run.moments.at(-1)!.student);
      const expected: Readonly<Record<string, readonly number[]>> = golden.student;
      assertEquals(Object.keys(found).sort(), Object.keys(expected).sort());
      for (const [parameter, { data }] of Object.entries(found)) {
        const slack = 1e-4 * Math.max(expected[parameter][0], 1e-2);
        checksum(data).forEach((sum, i) => {
          assert(
            Math.abs(sum - expected[parameter][i]) <= slack,
            `${parameter}: ${sum}, not ${expected[parameter][i]}`,
          );
        });
      }
    });

    await t.step("the last layer keeps its bits while it is frozen, and no longer", () => {
      const { freezeSteps } = RULES.schedule;
      const heads = which.parts.map(({ prefix }) => `head.${prefix}${FROZEN}`);
      for (const name of heads) {
        const bits = (step: number) => run.moments[step].student[name];
        for (let step = 0; step < freezeSteps; step++) assertEquals(bits(step), run.start[name]);
        assert(bits(freezeSteps).some((value, i) => value !== run.start[name][i]));
      }
    });

    await t.step("the teacher is its own, and shares no storage with the student", () => {
      const { student, teacher } = run.state;
      assertEquals(Object.keys(teacher), Object.keys(student));
      for (const [parameter, values] of Object.entries(teacher)) {
        assert(values.buffer !== student[parameter].buffer, parameter);
        const before = values.slice();
        student[parameter].fill(0);
        assertEquals(values, before);
      }
    });
  });
}

for (const name of ["weight", "bias"] as const) {
  Deno.test(`25 updates of a ${name} are those of PyTorch's AdamW, and its average, to 1e-6`, () => {
    const { weights, first, second, average } = updated(name);
    assertLessOrEqual(apart(weights, optimiserGolden[`AdamW: ${name}`]), DIGITS);
    assertLessOrEqual(apart(first, optimiserGolden[`AdamW: first moment of ${name}`]), DIGITS);
    assertLessOrEqual(apart(second, optimiserGolden[`AdamW: second moment of ${name}`]), DIGITS);
    assertLessOrEqual(apart(average, optimiserGolden[`EMA: ${name}`]), DIGITS);
  });
}

Deno.test("the paper profile's schedules are NumPy's", async () => {
  const { paper } = await scheduleOptions();
  for (const [name, values] of Object.entries(everyRate(paper))) {
    const golden = optimiserGolden.schedule[name as "learningRate"];
    const every = Math.floor(values.length / 40);
    assertLessOrEqual(apart(values.filter((_, i) => i % every === 0), golden), DIGITS);
  }
});

Deno.test("the linear probe has scikit-learn's objective, to 1e-6, and is right on the same number of points", async () => {
  const fitted = await fits();
  assertLessOrEqual(
    apart(fitted.map(({ classifier }) => classifier.objective), probesGolden.objective),
    DIGITS,
  );
  const right = fitted.map(({ predictions }) =>
    predictions.reduce((count, label, i) => count + (label === TEST.labels[i] ? 1 : 0), 0)
  );
  assertEquals(right, probesGolden.right);
});

Deno.test("the released probe stops after PyTorch's epoch, at its loss", async () => {
  const { losses } = (await released()).end;
  assertEquals(losses.length, releasedGolden.epochs);
  assertLessOrEqual(apart(losses.slice(-3), releasedGolden.losses), DIGITS);
});
