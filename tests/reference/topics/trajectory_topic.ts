import { publicWeights, tensor, type Tensors, under } from "../exchange.ts";
import { type Case, caseOf, CROPS, described, smallCases } from "../drawn_networks.ts";
import { withOps } from "../ops.ts";
import type { Topic } from "../topic.ts";
import { RULES, STEPS, type Trajectory, trajectoryOf } from "../our_trajectory.ts";

export const IMAGES = 8;
const pathway = { channels: [8, 16, 32, 48, 64], strides: [2, 1, 1, 1, 1] };

/** Seeds of initial weights from which no activation comes within rounding of a ReLU's kink. */
export const SEEDS: Readonly<Record<string, number>> = {
  "dense-join, 4 leaves": 9,
  "cnn, 16 to 128 channels": 3,
  "dense-join, small": 3,
  "cnn, small": 9,
  "dense-join, small, grouped": 3,
  "dense-join, small, without last ReLU": 3,
  "concatenation, small": 3,
  "independent-leaves, small": 3,
};

/** The paper's leaf, fewer of them and with a stride, and small ones for golden values. */
export function cases(): readonly Case[] {
  const head = { hidden: 128, bottleneck: 64, prototypes: 512 };
  const larger = [
    caseOf("dense-join", { architecture: { ...pathway, leaves: 4 }, head, label: "dense-join, 4 leaves" }),
    caseOf("cnn", {
      architecture: { ...pathway, channels: [16, 32, 64, 64, 128] },
      head,
      label: "cnn, 16 to 128 channels",
    }),
  ];
  return [...larger, ...smallCases().filter(({ label }) => label in SEEDS)];
}

const topic: Topic = {
  name: "trajectory",
  subject:
    `${STEPS} steps of training from the same weights and views, warm-up, thaw and clipping included: the worst ` +
    "step, against float64, with what float32 costs PyTorch itself. ResNet50 is not among them: normalised over a " +
    "few images, its rounding grows to 5% of the weights within these steps, ours as PyTorch's.",
  unit: "loss and centre: largest difference ÷ largest value; networks: ‖difference‖ ÷ ‖weights‖",
  tolerances: Object.fromEntries(
    cases().flatMap(({ label }) =>
      Object.entries({ loss: 1e-4, centre: 5e-5, student: 2e-5, teacher: 1e-5 }).flatMap((
        [name, tolerance],
      ) => [
        [`${label}: ${name}`, tolerance],
        [`${label}: ${name}, by PyTorch in float32`, null],
      ])
    ),
  ),
  exported: () =>
    withOps(async (ops) => {
      const tensors: Tensors[] = [];
      for (const which of cases()) {
        tensors.push(
          exported(which, await trajectoryOf(which, { ops, images: IMAGES, seed: SEEDS[which.label] })),
        );
      }
      return {
        values: { networks: cases().map(described), steps: STEPS, ...RULES },
        tensors: Object.assign({}, ...tensors),
      };
    }),
};

export default topic;

export function exported(
  { label, network: { specs } }: Case,
  { start, views, moments }: Trajectory,
): Tensors {
  const steps = moments.map(({ loss, centre, student, teacher }, i) => {
    const { globals, locals } = CROPS;
    return under(String(i), {
      ...publicWeights("student", specs, student),
      ...publicWeights("teacher", specs, teacher),
      loss: tensor(Float32Array.of(loss)),
      centre: tensor(centre),
      globals: tensor(views[i].globals, IMAGES, globals.count, globals.size, globals.size, 3),
      locals: tensor(views[i].locals, IMAGES, locals.count, locals.size, locals.size, 3),
    });
  });
  return under(label, { ...publicWeights("start", specs, start), ...Object.assign({}, ...steps) });
}
