import { TEMPERATURES } from "../our_batch.ts";
import { publicWeights, tensor, type Tensors, under } from "../exchange.ts";
import { type Lesson, lessonOf, type MethodCase, methodCases } from "../our_methods.ts";
import { CROPS, described } from "../drawn_networks.ts";
import { withOps } from "../ops.ts";
import type { Topic } from "../topic.ts";
import { isTrained } from "../../../treenet/nn/parameters.ts";

const topic: Topic = {
  name: "methods",
  subject:
    "One batch of 2 + 8 views in micro-batches: BYOL, and the penalty on the cosine between leaves, against float64.",
  unit: "largest difference ÷ largest value, of one tensor",
  tolerances: Object.fromEntries(
    methodCases().flatMap(({ label }) => [
      [`${label}: loss`, 2e-6],
      [`${label}: leaves' cosine`, 1e-5],
      [`${label}: gradient`, 2e-4],
    ]),
  ),
  exported: () =>
    withOps(async (ops) => {
      const tensors: Tensors[] = [];
      for (const which of methodCases()) tensors.push(exported(which, await lessonOf(which, ops)));
      const networks = methodCases().map((which) => {
        const { method, leafCosine } = which;
        return { ...described(which), method, leafCosine };
      });
      return { values: { networks, temperatures: TEMPERATURES }, tensors: Object.assign({}, ...tensors) };
    }),
};

export default topic;

function exported({ label, network: { specs, teacherSpecs } }: MethodCase, lesson: Lesson): Tensors {
  const { student, teacher, views, centre, result } = lesson;
  const { globals, locals } = CROPS;
  const n = views.globals.length / (globals.count * globals.size ** 2 * 3);
  return under(label, {
    ...publicWeights("student", specs, student),
    ...publicWeights("teacher", teacherSpecs, teacher),
    ...publicWeights("gradient", specs.filter(isTrained), result.gradients),
    globals: tensor(views.globals, n, globals.count, globals.size, globals.size, 3),
    locals: tensor(views.locals, n, locals.count, locals.size, locals.size, 3),
    centre: tensor(centre),
    loss: tensor(Float32Array.of(result.loss)),
    "leaves' cosine": tensor(Float32Array.of(result.leafCosine)),
  });
}
