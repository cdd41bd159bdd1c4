import { forwardOf } from "../our_forward.ts";
import { publicWeights, tensor, type Tensors, under } from "../exchange.ts";
import {
  type Case,
  caseOf,
  described,
  MODELS,
  PAPER_HEAD,
  SMALL_HEAD,
  smallCases,
} from "../drawn_networks.ts";
import { withOps } from "../ops.ts";
import type { Topic } from "../topic.ts";

/** The paper's head on one of them: it is the same on all. */
function cases(): readonly Case[] {
  const head = (model: string) => model === "dense-join" ? PAPER_HEAD : SMALL_HEAD;
  const paper = Object.keys(MODELS).map((model) =>
    caseOf(model, { head: head(model), label: `${model}, paper` })
  );
  return [...paper, ...smallCases()];
}

const topic: Topic = {
  name: "forward",
  subject: "Embeddings and outputs of the head from the same weights and images, against float64.",
  unit: "largest difference ÷ largest value",
  tolerances: {
    ...Object.fromEntries(
      cases().flatMap(({ label }) => [
        [`${label}: embedding`, 5e-6],
        [`${label}: embedding, by PyTorch in float32`, null],
        [`${label}: outputs of the head`, 5e-6],
      ]),
    ),
    "resnet50, paper: embedding, by torchvision": 5e-6,
  },
  exported: () =>
    withOps((ops) => {
      const networks = cases();
      const tensors: Tensors = Object.assign({}, ...networks.map((which) => exported(which, ops)));
      return { values: { networks: networks.map(described) }, tensors };
    }),
};

export default topic;

function exported(which: Case, ops: Parameters<typeof forwardOf>[1]["ops"]): Tensors {
  const images = 6;
  const { weights, size, embedding, outputs, ...found } = forwardOf(which, { ops, images });
  const { specs, encoder } = which.network;
  return under(which.label, {
    ...publicWeights("weights", specs, weights),
    images: tensor(found.images, images, size, size, 3),
    embedding: tensor(embedding, images, encoder.size),
    outputs: tensor(outputs),
  });
}
