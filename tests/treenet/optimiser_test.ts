import { assert, assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import fc from "fast-check";
import { adamw, clip, ema, LOOPS } from "../../treenet/optimiser.ts";
import { cosine, ratesAt, type ScheduleOptions, warmedUp } from "../../treenet/schedule.ts";

const SCHEDULE: ScheduleOptions = {
  steps: 100,
  warmupSteps: 10,
  stepsPerEpoch: 10,
  learningRate: 1e-3,
  finalLearningRate: 1e-6,
  weightDecay: 0.04,
  finalWeightDecay: 0.4,
  momentum: 0.996,
  finalMomentum: 1,
};

function slot(...weights: number[]) {
  return {
    weights: Float32Array.from(weights),
    first: new Float32Array(weights.length),
    second: new Float32Array(weights.length),
  };
}

Deno.test("AdamW's first update is a step of the learning rate against the gradient's sign", () => {
  const one = slot(1, -1);
  adamw(one, Float32Array.of(0.5, -3), { learningRate: 0.01, weightDecay: 0, update: 1 });
  assertAlmostEquals(one.weights[0], 0.99, 1e-6);
  assertAlmostEquals(one.weights[1], -0.99, 1e-6);
});

Deno.test("AdamW's decay is decoupled: without a gradient weights shrink by rate × decay", () => {
  const one = slot(2);
  adamw(one, Float32Array.of(0), { learningRate: 0.1, weightDecay: 0.4, update: 1 });
  assertAlmostEquals(one.weights[0], 2 * (1 - 0.04), 1e-6);
});

Deno.test("three updates of AdamW are those of its formula in float64", () => {
  const gradients = [0.3, -0.1, 0.25];
  const one = slot(0.7);
  let [w, m, v] = [0.7, 0, 0];
  gradients.forEach((g, i) => {
    const t = i + 1;
    adamw(one, Float32Array.of(g), { learningRate: 0.02, weightDecay: 0.1, update: t });
    m = 0.9 * m + 0.1 * g;
    v = 0.999 * v + 0.001 * g * g;
    w -= 0.02 * 0.1 * w;
    w -= 0.02 * (m / (1 - 0.9 ** t)) / (Math.sqrt(v / (1 - 0.999 ** t)) + 1e-8);
  });
  assertAlmostEquals(one.weights[0], w, 1e-6);
});

Deno.test("clipping limits each leaf's part on its own and leaves short gradients as they are", () => {
  const gradient = Float32Array.of(3, 4, 0.3, 0.4);
  const norms = clip(gradient, { limit: 1, groups: 2 });
  assertAlmostEquals(norms[0], 5, 1e-6);
  assertAlmostEquals(Math.hypot(gradient[0], gradient[1]), 1, 1e-5);
  assertEquals([gradient[2], gradient[3]], [Math.fround(0.3), Math.fround(0.4)]);
});

Deno.test("squares add up over the last four numbers and what is beyond them", () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: -99, max: 99 }), { maxLength: 13 }), (x) => {
    assertEquals(LOOPS.squares(Float32Array.from(x)), x.reduce((sum, v) => sum + v * v, 0));
  }));
});

Deno.test("a gradient that is not finite shows in its norm", () => {
  assert(Number.isNaN(clip(Float32Array.of(1, NaN), { limit: 3 })[0]));
});

Deno.test("a moving average stays between what it was and what it follows", () => {
  const value = fc.float({ min: -100, max: 100, noNaN: true });
  fc.assert(fc.property(value, value, fc.double({ min: 0, max: 1, noNaN: true }), (old, target, momentum) => {
    const average = Float32Array.of(old);
    ema(average, Float32Array.of(target), momentum);
    const slack = 1e-4;
    assert(average[0] >= Math.min(old, target) - slack && average[0] <= Math.max(old, target) + slack);
  }));
});

Deno.test("a momentum of 1 freezes the teacher, one of 0 copies the student", () => {
  const [frozen, copied] = [Float32Array.of(1, 2), Float32Array.of(1, 2)];
  ema(frozen, Float32Array.of(5, 6), 1);
  ema(copied, Float32Array.of(5, 6), 0);
  assertEquals([...frozen, ...copied], [1, 2, 5, 6]);
});

Deno.test("the learning rate rises from 0 to its peak, then falls to its end", () => {
  assertEquals(ratesAt(0, SCHEDULE).learningRate, 0);
  assertAlmostEquals(ratesAt(10, SCHEDULE).learningRate, 1e-3, 1e-12);
  assertAlmostEquals(ratesAt(55, SCHEDULE).learningRate, (1e-3 + 1e-6) / 2, 1e-12);
  assertLess(ratesAt(99, SCHEDULE).learningRate, 2e-6);
});

Deno.test("warm-up is DINO's linspace: its last step is at the peak already", () => {
  // numpy.linspace(0, 1e-3, 10)
  for (let i = 0; i < 10; i++) assertAlmostEquals(ratesAt(i, SCHEDULE).learningRate, 1e-3 * i / 9, 1e-15);
  assertEquals(ratesAt(0, { ...SCHEDULE, warmupSteps: 1 }).learningRate, 0);
  assertEquals(ratesAt(0, { ...SCHEDULE, warmupSteps: 0 }).learningRate, 1e-3);
});

Deno.test("weight decay and momentum follow the cosine from the first step", () => {
  assertAlmostEquals(ratesAt(0, SCHEDULE).weightDecay, 0.04, 1e-12);
  assertAlmostEquals(ratesAt(50, SCHEDULE).weightDecay, 0.22, 1e-12);
  assertAlmostEquals(ratesAt(0, SCHEDULE).momentum, 0.996, 1e-12);
  assertAlmostEquals(ratesAt(50, SCHEDULE).momentum, 0.998, 1e-12);
});

Deno.test("a cosine never leaves the interval of its ends", () => {
  fc.assert(
    fc.property(
      fc.nat(999),
      fc.double({ min: -1, max: 1, noNaN: true }),
      fc.double({ min: -1, max: 1, noNaN: true }),
      (
        i,
        base,
        end,
      ) => {
        const value = cosine(i, { base, end, steps: 1000 });
        assert(value >= Math.min(base, end) - 1e-12 && value <= Math.max(base, end) + 1e-12);
      },
    ),
  );
});

Deno.test("a warm-up is linear from its first step to its last, and has ended where it has no steps", () => {
  const options = { from: 0.04, to: 0.07, steps: 4 };
  assertEquals([0, 3, 4, 50].map((i) => warmedUp(i, options)), [0.04, 0.07, 0.07, 0.07]);
  assertAlmostEquals(warmedUp(1, options), 0.05, 1e-12);
  assertEquals(warmedUp(0, { ...options, steps: 0 }), 0.07);
});
