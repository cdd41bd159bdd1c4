import { everyRate, scheduleOptions, SHAPE, updated, UPDATES } from "../our_optimiser.ts";
import { tensor, type Tensors } from "../exchange.ts";
import { ratesAt } from "../../../treenet/schedule.ts";
import { RULES } from "../our_trajectory.ts";
import type { Topic } from "../topic.ts";

const topic: Topic = {
  name: "optimiser",
  subject:
    "Every schedule at every step of the profiles; AdamW and the teacher's average over 25 updates, against " +
    "float64.",
  unit: "largest difference ÷ largest value",
  tolerances: {
    ...Object.fromEntries(
      ["paper", "cpu", "quick"].flatMap((profile) =>
        ["learningRate", "weightDecay", "momentum"].map((name) => [`schedule of ${profile}: ${name}`, 1e-14])
      ),
    ),
    ...Object.fromEntries(
      ["weight", "bias"].flatMap((name) => [
        [`AdamW: ${name}`, 1e-6],
        [`AdamW: first moment of ${name}`, 1e-6],
        [`AdamW: second moment of ${name}`, 1e-6],
        [`EMA: ${name}`, 1e-6],
      ]),
    ),
  },
  async exported() {
    const schedules = Object.entries(await scheduleOptions()).map(([name, options]) =>
      [name, { options, ours: everyRate(options) }] as const
    );
    const rates = Array.from({ length: UPDATES }, (_, i) => ratesAt(i, RULES.schedule));
    return {
      values: { schedules: Object.fromEntries(schedules), rates },
      tensors: { ...exported("weight", SHAPE), ...exported("bias", SHAPE.slice(0, 1)) },
    };
  },
};

export default topic;

function exported(name: "weight" | "bias", shape: readonly number[]): Tensors {
  const { start, gradients, weights, first, second, average } = updated(name);
  return {
    [name]: tensor(start, ...shape),
    [`${name} gradients`]: tensor(Float32Array.from(gradients.flatMap((g) => [...g])), UPDATES, ...shape),
    [`AdamW: ${name}`]: tensor(weights, ...shape),
    [`AdamW: first moment of ${name}`]: tensor(first, ...shape),
    [`AdamW: second moment of ${name}`]: tensor(second, ...shape),
    [`EMA: ${name}`]: tensor(average, ...shape),
  };
}
