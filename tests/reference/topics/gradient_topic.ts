import { type Batch, batchOf, CENTRE_MOMENTUM, CLIP, TEMPERATURES } from "../our_batch.ts";
import { publicWeights, tensor, type Tensors, under } from "../exchange.ts";
import { type Case, CROPS, described, smallCases } from "../drawn_networks.ts";
import { withOps } from "../ops.ts";
import type { Topic } from "../topic.ts";
import { isTrained, type Weights } from "../../../treenet/nn/parameters.ts";
import { ENCODER } from "../../../treenet/network.ts";

const topic: Topic = {
  name: "gradient",
  subject:
    "One batch of 2 + 8 views: loss, its 18 terms, the next centre, and the gradient of every parameter " +
    "(the worst one is listed; clipped: to 0.001, a leaf's part by itself, but for the reading `grouped`), against " +
    "float64.",
  unit: "largest difference ÷ largest value, of one tensor",
  tolerances: Object.fromEntries(
    smallCases().flatMap(({ label, model }) => [
      [`${label}: loss`, 2e-6],
      [`${label}: loss, by PyTorch in float32`, null],
      [`${label}: terms of the loss`, 2e-6],
      [`${label}: centre`, 1e-5],
      [`${label}: gradient`, model === "resnet50" ? 5e-3 : 2e-4],
      [`${label}: gradient, by PyTorch in float32`, null],
      [`${label}: gradient, clipped`, model === "resnet50" ? 5e-3 : 2e-4],
      ...model === "resnet50" ? [[`${label}: running statistics`, 5e-4] as const] : [],
    ]),
  ),
  exported: () =>
    withOps(async (ops) => {
      const networks = smallCases();
      const tensors: Tensors[] = [];
      for (const which of networks) tensors.push(exported(which, await batchOf(which, ops)));
      const rules = { temperatures: TEMPERATURES, centreMomentum: CENTRE_MOMENTUM, clip: CLIP };
      return {
        values: { networks: networks.map(described), ...rules },
        tensors: Object.assign({}, ...tensors),
      };
    }),
};

export default topic;

function exported({ label, network: { specs } }: Case, batch: Batch): Tensors {
  const { student, teacher, views, centre, nextCentre, result, terms, clipped } = batch;
  const trained = specs.filter(isTrained);
  const running = (who: "student" | "teacher"): Weights =>
    Object.fromEntries(
      Object.entries(result.buffers[who]).map(([name, values]) => [`${who}.${ENCODER}${name}`, values]),
    );
  const buffers = { ...running("student"), ...running("teacher") };
  const { globals, locals } = CROPS;
  const n = views.globals.length / (globals.count * globals.size ** 2 * 3);
  return under(label, {
    ...publicWeights("student", specs, student),
    ...publicWeights("teacher", specs, teacher),
    ...publicWeights("gradient", trained, result.gradients),
    ...publicWeights("gradient, clipped", trained, clipped),
    ...under(
      "running statistics",
      Object.fromEntries(Object.entries(buffers).map(([name, values]) => [name, tensor(values)])),
    ),
    globals: tensor(views.globals, n, globals.count, globals.size, globals.size, 3),
    locals: tensor(views.locals, n, locals.count, locals.size, locals.size, 3),
    "centre before": tensor(centre),
    centre: tensor(nextCentre),
    loss: tensor(Float32Array.of(result.loss)),
    "terms of the loss": tensor(Float32Array.from(terms)),
  });
}
