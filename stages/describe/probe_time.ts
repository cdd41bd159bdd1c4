/**
 * How long linear probes and nearest neighbours take. How many steps a fit needs depends on the features: it is what
 * trained and untrained encoders' of CIFAR-10 took.
 *
 * @module
 */
import { factorize, solve } from "../treenet/linalg/cholesky.ts";
import { nearestNeighbours } from "../treenet/probe/knn.ts";
import { type LinearClassifier, LogisticProblem, predict } from "../treenet/probe/logistic.ts";
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
const BUDGET = 0.08, SHORT_BUDGET = 0.03;

/** Seconds of fits along a path of `penalties`, and of the last fit. */
export async function linearSeconds(
  gauge: Gauge,
  judged: Judged,
  { penalties, exact }: { readonly penalties: number; readonly exact: boolean },
): Promise<number> {
  const { train, test, size } = judged;
  const fits = exact ? 2 : 1;
  const evaluations = EVALUATIONS.first + (penalties - 1) * EVALUATIONS.path + (exact ? EVALUATIONS.fit : 0);
  // Of the held-out tenth on the way, of the test images at the end.
  const predictions = test + penalties * train / 10;
  const factors = penalties + (exact ? 1 : 0);
  return fits * await preparationSeconds(gauge, judged) +
    evaluations * (await evaluationSeconds(gauge, judged) + await solveSeconds(gauge, size)) +
    factors * await factorSeconds(gauge, size) + predictions * await predictionSeconds(gauge, judged);
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

/** Seconds of factorising the preconditioner of `size` features, once a penalty. */
async function factorSeconds(gauge: Gauge, size: number): Promise<number> {
  const columns = Math.min(COLUMNS, size), matrix = identity(columns);
  const run = (times: number) => {
    for (let i = 0; i < times; i++) factorize(matrix, columns);
  };
  const job = { units: 10, run };
  const seconds = await gauge.seconds(`factor ${columns}`, job, { budget: SHORT_BUDGET }) / job.units;
  return (size / columns) ** 3 * seconds;
}

/** Seconds of preconditioning a gradient. */
async function solveSeconds(gauge: Gauge, size: number): Promise<number> {
  const columns = Math.min(COLUMNS, size), factor = factorize(identity(columns), columns);
  const gradient = new Float64Array(columns * CLASSES).fill(1);
  const run = (times: number) => {
    for (let i = 0; i < times; i++) solve(factor, gradient);
  };
  const job = { units: 20, run };
  const seconds = await gauge.seconds(`solve ${columns}`, job, { budget: SHORT_BUDGET }) / job.units;
  return (size / columns) ** 2 * seconds;
}

/** Seconds of naming the class of one image. */
async function predictionSeconds(gauge: Gauge, { size }: Pick<Judged, "size">): Promise<number> {
  const columns = Math.min(COLUMNS, size);
  const classifier: LinearClassifier = {
    standardization: { mean: new Float64Array(columns), deviation: new Float64Array(columns).fill(1) },
    weights: new Float64Array(columns * CLASSES),
    intercepts: new Float64Array(CLASSES),
    objective: 0,
    gradientNorm: 0,
    iterations: 0,
  };
  const all = features(ROWS, columns);
  const run = (count: number) =>
    predict(classifier, {
      x: all.x.subarray(0, count * columns),
      labels: all.labels.subarray(0, count),
      size: columns,
    });
  const job = { units: ROWS, from: 30, run };
  const seconds = await gauge.seconds(`prediction ${columns}`, job, { budget: SHORT_BUDGET }) / job.units;
  return size / columns * seconds;
}

function identity(size: number): Float64Array {
  return Float64Array.from({ length: size ** 2 }, (_, at) => at % (size + 1) === 0 ? 1 : 0);
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
