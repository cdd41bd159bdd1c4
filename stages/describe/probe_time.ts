/**
 * How long linear probes and nearest neighbours take. How many steps a fit needs depends on the features: it is what
 * trained and untrained encoders' of CIFAR-10 took.
 *
 * @module
 */
import { nearestNeighbours } from "../treenet/probe/knn.ts";
import { LogisticProblem } from "../treenet/probe/logistic.ts";
import { trainReleased } from "../treenet/probe/released.ts";
import type { Gauge } from "./gauge.ts";
import { features } from "./synthetic.ts";

/** Features that are judged. */
export interface Judged {
  /** Images. */
  readonly train: number;
  readonly test: number;
  /** Of an image. */
  readonly size: number;
}

const CLASSES = 10;
/** Evaluations of the objective: for the first penalty, for each of the others on the way, for the last fit, which is exact. */
const EVALUATIONS = { first: 30, path: 8, fit: 40 };
/** Epochs of the released code's probe, which stops by itself. */
const EPOCHS = 100;
/** Largest matrix measured with. */
const ROWS = 1000, COLUMNS = 256;
const BUDGET = 0.08;

/** Seconds of fits along a path of `penalties`, and of the last fit. */
export async function linearSeconds(
  gauge: Gauge,
  judged: Judged,
  { penalties, exact }: { readonly penalties: number; readonly exact: boolean },
): Promise<number> {
  const { train, test } = judged;
  const fits = exact ? 2 : 1;
  const evaluations = EVALUATIONS.first + (penalties - 1) * EVALUATIONS.path + (exact ? EVALUATIONS.fit : 0);
  // A prediction is a product more, in plain JavaScript: of the held-out tenth on the way, of the test images at the end.
  const predictions = test + penalties * train / 10;
  return fits * await preparationSeconds(gauge, judged) +
    (evaluations + predictions / train) * await evaluationSeconds(gauge, judged);
}

/** Seconds of making features ready to be fitted: the products of all columns with all. */
export async function preparationSeconds(
  gauge: Gauge,
  { train, size }: Pick<Judged, "train" | "size">,
): Promise<number> {
  const { rows, columns } = measuredOf({ train, size });
  const given = features(rows, columns);
  const run = async () => (await LogisticProblem.create(given, CLASSES)).free();
  const seconds = await gauge.seconds(`preparing ${rows} ${columns}`, { units: 1, run }, { budget: BUDGET });
  return train / rows * (size / columns) ** 2 * seconds;
}

/** Seconds of the objective and its gradient. */
export async function evaluationSeconds(
  gauge: Gauge,
  { train, size }: Pick<Judged, "train" | "size">,
): Promise<number> {
  const { rows, columns } = measuredOf({ train, size });
  const problem = await LogisticProblem.create(features(rows, columns), CLASSES);
  try {
    const units = 10, theta = new Float64Array((columns + 1) * CLASSES);
    const run = (times: number) => {
      for (let i = 0; i < times; i++) problem.evaluate(theta, 1e-3);
    };
    const name = `evaluation ${rows} ${columns}`;
    const seconds = await gauge.seconds(name, { units, run }, { budget: BUDGET });
    return train / rows * size / columns * seconds / units;
  } finally {
    problem.free();
  }
}

function measuredOf({ train, size }: Pick<Judged, "train" | "size">) {
  return { rows: Math.min(ROWS, train), columns: Math.min(COLUMNS, size) };
}

/** Seconds of the released code's probe. */
export async function releasedSeconds(
  gauge: Gauge,
  { train, size }: Judged,
  { batch, maxEpochs }: { readonly batch: number; readonly maxEpochs: number },
): Promise<number> {
  const { rows, columns } = measuredOf({ train, size });
  const given = features(rows, columns), units = 6;
  const run = (epochs: number) =>
    trainReleased(given, { classes: CLASSES, seed: 0, batch, maxEpochs: epochs, patience: epochs });
  const name = `released ${rows} ${columns} ${batch}`;
  const seconds = await gauge.seconds(name, { units, run }, { budget: BUDGET });
  return Math.min(maxEpochs, EPOCHS) / units * train / rows * size / columns * seconds;
}

/** Seconds of nearest neighbours. */
export async function neighbourSeconds(
  gauge: Gauge,
  { train, test, size }: Judged,
  { k }: { readonly k: readonly number[] },
): Promise<number> {
  const { rows, columns } = measuredOf({ train, size });
  const from = features(rows, columns), units = 128;
  const run = (count: number) => nearestNeighbours(from, features(count, columns), { classes: CLASSES, k });
  const job = { units, from: 32, run };
  const seconds = await gauge.seconds(`neighbours ${rows} ${columns} ${k}`, job, { budget: BUDGET });
  return train / rows * size / columns * test / units * seconds;
}
