/**
 * The work of the probe stage at the size of the paper profile: 50,000 training images with 128 features.
 *
 * `deno bench -A tools/bench/probe_bench.ts`
 *
 * @module
 */
import { shapedFeatures as features } from "./peers/peer_features.ts";
import { nearestNeighbours } from "../../treenet/probe/knn.ts";
import { LogisticProblem } from "../../treenet/probe/logistic.ts";
import { logSpaced, selectLinear } from "../../treenet/probe/selection.ts";

const [classes, size] = [10, 128];
const train = features(50_000, size), test = features(1000, size);

Deno.bench({
  name: "logistic regression by L-BFGS, one penalty, 50,000 × 128, gradient norm 1e-7",
  n: 3,
  warmup: 1,
  fn: async () => {
    const problem = await LogisticProblem.create(train, classes);
    problem.fit({ l2: 1e-3 });
    problem.free();
  },
});

Deno.bench({
  name: "the same, with the penalty chosen among 15 by five folds",
  n: 1,
  warmup: 0,
  fn: async () => {
    await selectLinear(train, {
      classes,
      l2: logSpaced({ min: 1e-5, max: 10, count: 15 }),
      folds: 5,
      seed: 0,
    });
  },
});

Deno.bench({
  name: "nearest neighbours of 1,000 images among 50,000, exact",
  n: 3,
  warmup: 1,
  fn: async () => {
    await nearestNeighbours(train, test, { classes, k: [20, 200] });
  },
});
