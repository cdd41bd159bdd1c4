import { fits, measures, NEIGHBOURS, TEMPERATURE, TEST, TRAIN } from "../our_probes.ts";
import { SIZE } from "../drawn_features.ts";
import { tensor } from "../exchange.ts";
import type { Topic } from "../topic.ts";

const topic: Topic = {
  name: "probes",
  subject:
    "Linear probe, k-NN, AUROC and the measures of a layout beside scikit-learn's, RankMe beside NumPy's singular " +
    "values, on 800 training and 300 test points of ten classes.",
  unit: "relative difference; of predictions a count; of a layout's measures an absolute difference",
  tolerances: {
    "linear probe: objective": 1e-6,
    "linear probe: objective of our weights": 1e-12,
    "linear probe: predictions that differ, ties apart": 0,
    ...Object.fromEntries(NEIGHBOURS.map((k) => [`k-NN, k = ${k}: predictions that differ, ties apart`, 0])),
    "AUROC": 1e-12,
    "layout's trustworthiness": 1e-12,
    "layout's continuity": 1e-12,
    "layout's knnOverlap": 1e-12,
    "layout's silhouette native": 1e-6,
    "layout's silhouette layout": 1e-6,
    "RankMe, centred": 1e-9,
    "RankMe": 1e-9,
  },
  async exported() {
    const fitted = await fits();
    const { layout, scores, aurocs, quality, neighbours, ...measured } = await measures(fitted[2]);
    return {
      values: {
        ...measured,
        temperature: TEMPERATURE,
        neighbours: plain(neighbours),
        ...plain({ scores, aurocs }),
        quality: {
          ...quality,
          "silhouette native": quality.silhouette.native,
          "silhouette layout": quality.silhouette.layout,
        },
        fits: fitted.map(({ l2, classifier: { objective, weights, intercepts }, predictions }) => ({
          l2,
          objective,
          ...plain({ weights, intercepts, predictions }),
        })),
      },
      tensors: {
        train: tensor(TRAIN.x, TRAIN.labels.length, SIZE),
        test: tensor(TEST.x, TEST.labels.length, SIZE),
        "train labels": tensor(TRAIN.labels),
        "test labels": tensor(TEST.labels),
        layout: tensor(layout, TEST.labels.length, 2),
      },
    };
  },
};

export default topic;

function plain(arrays: Readonly<Record<string, Float64Array | Uint8Array>>): Record<string, number[]> {
  return Object.fromEntries(Object.entries(arrays).map(([name, values]) => [name, [...values]]));
}
