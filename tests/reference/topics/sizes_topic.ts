import { sizeOfNetwork } from "../../../treenet/network.ts";
import { type Case, caseOf, described, MODELS, PAPER_HEAD } from "../drawn_networks.ts";
import type { Topic } from "../topic.ts";

const quantities = ["encoderParameters", "parametersWithHead", "multiplyAdds"];

/** Every model at the paper's sizes, and the released code's variants. */
const cases: readonly Case[] = [
  ...Object.keys(MODELS).map((model) => caseOf(model, { head: PAPER_HEAD })),
  caseOf("dense-join", {
    label: "dense-join, grouped",
    architecture: { reading: "grouped" },
    head: PAPER_HEAD,
  }),
  caseOf("resnet50", {
    label: "resnet50, as released",
    architecture: { maxPool: false, mlp: [256, 128] },
    head: PAPER_HEAD,
  }),
];

const topic: Topic = {
  name: "sizes",
  subject: "Parameters and multiply-adds of networks of the paper's size, counted on PyTorch's modules.",
  unit: "difference of counts",
  tolerances: Object.fromEntries(
    cases.flatMap(({ label }) => quantities.map((quantity) => [`${label}: ${quantity}`, 0])),
  ),
  exported: () => {
    const networks = cases.map((which) => ({ ...described(which), ours: sizeOfNetwork(which.network) }));
    return Promise.resolve({ values: { networks }, tensors: {} });
  },
};

export default topic;
