/**
 * Ours: what every measure of frozen features makes of drawn ones.
 *
 * @module
 */
import { nearestNeighbours } from "../../treenet/probe/knn.ts";
import { type LinearClassifier, LogisticProblem, predict, scores } from "../../treenet/probe/logistic.ts";
import { logSpaced } from "../../treenet/probe/selection.ts";
import { rankMe } from "../../treenet/health.ts";
import { areasOf, placementsOf } from "../../treenet/statistics/delong.ts";
import { spreadOf } from "../../treenet/saliency/leaves/spread.ts";
import { quality } from "../../treenet/umap/quality.ts";
import { spaceOf } from "../../treenet/umap/space.ts";
import { CLASSES, drawnFeatures, SIZE } from "./drawn_features.ts";

export const TRAIN = drawnFeatures(800, 1);
export const TEST = drawnFeatures(300, 2);
/** Penalties, as a profile's. */
export const PENALTIES = logSpaced({ min: 1e-5, max: 10, count: 7 });
export const NEIGHBOURS = [5, 20, 200];
export const TEMPERATURE = 0.07;
const K = 15;

/** One penalty's classifier, and the classes it names of the test points. */
export interface Fit {
  readonly l2: number;
  readonly classifier: LinearClassifier;
  readonly predictions: Uint8Array;
}

export async function fits(): Promise<readonly Fit[]> {
  const problem = await LogisticProblem.create(TRAIN, CLASSES);
  try {
    return PENALTIES.map((l2) => {
      const classifier = problem.fit({ l2, tolerance: 1e-9 });
      return { l2, classifier, predictions: predict(classifier, TEST) };
    });
  } finally {
    problem.free();
  }
}

/** Everything but the probe; the layout is two of the features. */
export async function measures({ classifier }: Fit) {
  const scored = scores(classifier, TEST);
  const layout = new Float32Array(2 * TEST.labels.length)
    .map((_, i) => TEST.x[Math.floor(i / 2) * SIZE + 3 * (i % 2)]);
  return {
    neighbours: await nearestNeighbours(TRAIN, TEST, {
      classes: CLASSES,
      k: NEIGHBOURS,
      temperature: TEMPERATURE,
    }),
    scores: scored,
    aurocs: areasOf(placementsOf(scored, { labels: TEST.labels, classes: CLASSES }), TEST.labels),
    layout,
    k: K,
    quality: await quality(spaceOf(TEST, K), spaceOf({ x: layout, size: 2 }, K), { labels: TEST.labels }),
    rank: spreadOf(TRAIN.x, SIZE).rank,
    rankMe: rankMe(TRAIN.x, SIZE),
  };
}
