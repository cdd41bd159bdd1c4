import { drawnFeatures, SIZE } from "../drawn_features.ts";
import { tensor, under } from "../exchange.ts";
import type { Topic } from "../topic.ts";
import { layout, prepare } from "../../../treenet/umap/layout.ts";
import { spaceOf } from "../../../treenet/umap/space.ts";

const POINTS = 600;
const SEEDS = [0, 1, 2];
const RULES = { neighbors: 15, minDist: 0.1 };
/** Largest deficit allowed of a mean over the seeds. */
const BEHIND = { trustworthiness: 0.02, continuity: 0.02, knnOverlap: 0.03, "silhouette layout": 0.1 };

const topic: Topic = {
  name: "umap",
  subject:
    `Layouts of ${POINTS} points by umap-js and by umap-learn, of the same features and settings, both measured ` +
    `by scikit-learn: means over ${SEEDS.length} seeds.`,
  unit: "umap-learn's measure − umap-js': negative where umap-js is ahead",
  tolerances: {
    ...Object.fromEntries(
      Object.entries(BEHIND).map(([name, most]) => [`umap-js behind umap-learn: ${name}`, most]),
    ),
    ...Object.fromEntries(Object.keys(BEHIND).map((name) => [`umap-learn's own: ${name}`, null])),
  },
  async exported() {
    const { x, labels } = drawnFeatures(POINTS, 3);
    const { neighbors, minDist } = RULES;
    const points = { x, size: SIZE };
    const prepared = prepare(points, spaceOf(points, neighbors));
    const layouts = await Promise.all(SEEDS.map(async (seed) => {
      const points = await layout(prepared, { seed, minDist });
      return [String(seed), tensor(points, POINTS, 2)] as const;
    }));
    return {
      values: { ...RULES, seeds: SEEDS },
      tensors: {
        features: tensor(x, POINTS, SIZE),
        labels: tensor(labels),
        ...under("layout", Object.fromEntries(layouts)),
      },
    };
  },
};

export default topic;
