import { caseOf, SMALL_HEAD } from "../drawn_networks.ts";
import type { Init } from "../../../treenet/nn/types.ts";
import type { Topic } from "../topic.ts";

const READINGS = ["leaf", "grouped"];

const topic: Topic = {
  name: "initial",
  subject:
    "Spread of DenseJoin's initial weights in both readings, from the fans that PyTorch finds in the layers of " +
    "the released classes of trees: bounds of uniform and deviations of normal distributions.",
  unit: "largest relative difference",
  tolerances: Object.fromEntries(
    READINGS.flatMap((reading) => ["weights", "biases"].map((kind) => [`${reading}: ${kind}`, 1e-12])),
  ),
  exported: () => {
    const trees = READINGS.map((reading) => {
      const { architecture, network: { encoder } } = caseOf("dense-join", {
        architecture: { reading },
        head: SMALL_HEAD,
      });
      const drawn = encoder.specs.filter(({ init }) => init.type !== "constant");
      const ours = Object.fromEntries(drawn.map(({ name, init }) => [name, spreadOf(init)]));
      return { label: reading, architecture, ours };
    });
    return Promise.resolve({ values: { trees }, tensors: {} });
  },
};

export default topic;

function spreadOf(init: Init): number {
  if (init.type === "uniform") return init.bound;
  if (init.type === "normal") return init.std;
  throw new Error(`Cannot compare initial weights: there is a ${init.type}`);
}
