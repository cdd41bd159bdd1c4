import { tensor } from "../exchange.ts";
import { SIZE } from "../drawn_features.ts";
import { RAW_TEST, RAW_TRAIN, released } from "../our_released.ts";
import type { Topic } from "../topic.ts";

const topic: Topic = {
  name: "released",
  subject:
    "The released linear evaluation beside PyTorch's Adam, from the same layer to the same last epoch.",
  unit: "largest difference ÷ largest value; of epochs and predictions a count",
  tolerances: {
    "epochs": 0,
    "loss of every epoch": 1e-9,
    "weights": 1e-8,
    "biases": 1e-8,
    "predictions that differ, ties apart": 0,
  },
  async exported() {
    const { start, end, predictions } = await released();
    const layer = ({ weights, biases }: typeof start) => ({ weights: [...weights], biases: [...biases] });
    return {
      values: {
        start: layer(start),
        ours: { ...layer(end), losses: end.losses, predictions: [...predictions] },
      },
      tensors: {
        train: tensor(RAW_TRAIN.x, RAW_TRAIN.labels.length, SIZE),
        test: tensor(RAW_TEST.x, RAW_TEST.labels.length, SIZE),
        "train labels": tensor(RAW_TRAIN.labels),
      },
    };
  },
};

export default topic;
