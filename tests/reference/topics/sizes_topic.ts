import { sizeOfNetwork } from "../../../treenet/network.ts";
import { caseOf, described, MODELS, PAPER_HEAD } from "../drawn_networks.ts";
import type { Topic } from "../topic.ts";

const quantities = ["encoderParameters", "parametersWithHead", "multiplyAdds"];

const topic: Topic = {
  name: "sizes",
  subject: "Parameters and multiply-adds of the paper's networks, counted on PyTorch's modules.",
  unit: "difference of counts",
  tolerances: Object.fromEntries(
    Object.keys(MODELS).flatMap((model) => quantities.map((quantity) => [`${model}: ${quantity}`, 0])),
  ),
  exported: () => {
    const networks = Object.keys(MODELS).map((model) => {
      const which = caseOf(model, { head: PAPER_HEAD });
      return { ...described(which), ours: sizeOfNetwork(which.network) };
    });
    return Promise.resolve({ values: { networks, head: PAPER_HEAD }, tensors: {} });
  },
};

export default topic;
