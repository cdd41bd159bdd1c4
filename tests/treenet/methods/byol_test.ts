import { assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { pairs, type ViewCounts } from "../../../treenet/loss.ts";
import byol from "../../../treenet/methods/byol.ts";
import { type Backend, loadOps } from "../../../treenet/ops/mod.ts";
import { initialise, isTrained, sizeOf, upload, type Weights } from "../../../treenet/nn/parameters.ts";
import { random } from "../../../treenet/random.ts";
import type { Ops } from "../../../treenet/nn/types.ts";

const [IMAGES, SIZE] = [3, 4];
const SIZES = { head: { hidden: 6, bottleneck: 5 } };
const objective = byol.build(SIZE, SIZES);
const specs = [...objective.specs, ...objective.studentSpecs];

function draws(count: number, seed: number): Float32Array {
  const stream = random(seed);
  return Float32Array.from({ length: count }, () => stream.normal());
}

type Matrix = readonly (readonly number[])[];

/** x · w + b of one row, in float64. */
function linear(row: readonly number[], name: string, weights: Weights): number[] {
  const [w, b] = [weights[`${name}.weight`], weights[`${name}.bias`]];
  return Array.from(b, (bias, j) => row.reduce((sum, x, i) => sum + x * w[i * b.length + j], bias));
}

function mlp(row: readonly number[], name: string, weights: Weights): number[] {
  const hidden = linear(row, `${name}1`, weights);
  const mean = hidden.reduce((a, b) => a + b) / hidden.length;
  const variance = hidden.reduce((sum, x) => sum + (x - mean) ** 2, 0) / hidden.length;
  const [gamma, beta] = [weights[`${name}_norm.weight`], weights[`${name}_norm.bias`]];
  const normal = hidden.map((x, i) => (x - mean) / Math.sqrt(variance + 1e-5) * gamma[i] + beta[i]);
  return linear(normal.map((x) => Math.max(x, 0)), `${name}2`, weights);
}

function unit(row: readonly number[]): number[] {
  return row.map((x) => x / Math.hypot(...row));
}

function rowsOf(values: ArrayLike<number>): Matrix {
  return Array.from(
    { length: values.length / SIZE },
    (_, i) => Array.from({ length: SIZE }, (_, j) => values[i * SIZE + j]),
  );
}

/** The loss's definition, one pair at a time. */
function byDefinition(
  student: { readonly x: ArrayLike<number>; readonly weights: Weights },
  teacher: { readonly x: ArrayLike<number>; readonly weights: Weights },
  { globals, locals }: ViewCounts,
): number {
  const q = rowsOf(student.x).map((row) =>
    unit(mlp(mlp(row, "projector", student.weights), "predictor", student.weights))
  );
  const z = rowsOf(teacher.x).map((row) => unit(mlp(row, "projector", teacher.weights)));
  let [sum, count] = [0, 0];
  for (let image = 0; image < IMAGES; image++) {
    for (let t = 0; t < globals; t++) {
      for (let v = 0; v < globals + locals; v++) {
        if (v === t) continue;
        const [a, b] = [q[v * IMAGES + image], z[t * IMAGES + image]];
        sum += a.reduce((total, x, i) => total + (x - b[i]) ** 2, 0);
        count++;
      }
    }
  }
  return sum / count;
}

/** Weights off their starting points, so that every parameter matters. */
function perturbed(seed: number): Weights {
  const weights = initialise(specs, seed);
  for (const [i, { name }] of specs.entries()) {
    const noise = draws(weights[name].length, 100 * seed + i);
    weights[name].forEach((value, j, all) => all[j] = value + 0.2 * noise[j]);
  }
  return weights;
}

/** Mean loss, and its gradients by the student's rows and parameters. */
function compute(
  student: { readonly x: Float32Array; readonly weights: Weights },
  teacher: { readonly x: Float32Array; readonly weights: Weights },
  { counts, ops }: { readonly counts: ViewCounts; readonly ops: Ops },
) {
  return tf.tidy(() => {
    const names = specs.filter(isTrained).map(({ name }) => name);
    const shape = (x: Float32Array): [number, number] => [x.length / SIZE, SIZE];
    const goals = objective.targets(
      {
        params: upload(objective.specs, teacher.weights),
        embeddings: tf.tensor2d(teacher.x, shape(teacher.x)),
      },
      { step: 0, state: {}, counts, ops },
    );
    assertEquals([goals.entropy, goals.follow], [undefined, undefined]);
    const params = upload(specs, student.weights);
    const { value, grads } = tf.valueAndGrads((...[x, ...trained]: tf.Tensor[]) => {
      const mine = Object.fromEntries(names.map((name, i) => [name, trained[i]]));
      const sum = goals.loss({ params: mine, embeddings: x as tf.Tensor2D });
      return tf.div(sum, IMAGES * pairs(counts));
    })([tf.tensor2d(student.x, shape(student.x)), ...names.map((name) => params[name])]);
    return {
      loss: value.dataSync()[0],
      byRow: grads[0].dataSync().slice() as Float32Array,
      byName: Object.fromEntries(names.map((name, i) => [name, grads[i + 1].dataSync().slice()])),
    };
  });
}

for (const backend of ["cpu", "wasm"] as readonly Backend[]) {
  for (const locals of [0, 2]) {
    Deno.test(`BYOL's loss over 2 + ${locals} views is its definition's, gradient included, on ${backend}`, async () => {
      const ops = await loadOps(backend, { cores: 1 });
      const counts = { globals: 2, locals };
      const student = { x: draws((2 + locals) * IMAGES * SIZE, 1), weights: perturbed(1) };
      const teacher = { x: draws(2 * IMAGES * SIZE, 2), weights: perturbed(2) };
      const { loss, byRow, byName } = compute(student, teacher, { counts, ops });
      assertAlmostEquals(loss, byDefinition(student, teacher, counts), 1e-5);

      const slope = (nudge: (h: number) => number) => (nudge(1e-3) - nudge(-1e-3)) / 2e-3;
      const nudged = (values: Float32Array, i: number, h: number) =>
        Float64Array.from(values, (x, j) => j === i ? x + h : x);
      for (let i = 0; i < student.x.length; i += 3) {
        const found = slope((h) => byDefinition({ ...student, x: nudged(student.x, i, h) }, teacher, counts));
        assertAlmostEquals(byRow[i], found, 2e-4);
      }
      for (const spec of specs) {
        const i = Math.floor(sizeOf(spec) / 2);
        const values = student.weights[spec.name];
        const found = slope((h) => {
          const weights = {
            ...student.weights,
            [spec.name]: nudged(values, i, h) as unknown as Float32Array,
          };
          return byDefinition({ ...student, weights }, teacher, counts);
        });
        assertAlmostEquals(byName[spec.name][i], found, 2e-4, spec.name);
      }
      ops.close();
    });
  }
}

Deno.test("BYOL's loss is 0 where the prediction points the way of the teacher's projection, 4 where it points away", async () => {
  const ops = await loadOps("cpu", { cores: 1 });
  const weights = perturbed(3);
  const x = draws(IMAGES * SIZE, 4);
  const views = Float32Array.of(...x, ...x);
  // A predictor without weights in its last layer answers with that layer's bias.
  const goal = unit(mlp(rowsOf(x)[0], "projector", weights));
  const same = Float32Array.from({ length: 2 * IMAGES * SIZE }, (_, i) => x[i % SIZE]);
  for (const [sign, expected] of [[1, 0], [-1, 4]]) {
    const predictor = {
      "predictor2.weight": new Float32Array(weights["predictor2.weight"].length),
      "predictor2.bias": Float32Array.from(goal, (value) => sign * value),
    };
    const { loss } = compute({ x: views, weights: { ...weights, ...predictor } }, { x: same, weights }, {
      counts: { globals: 2, locals: 0 },
      ops,
    });
    assertAlmostEquals(loss, expected, 1e-5);
  }
  ops.close();
});

Deno.test("BYOL's predictor is the student's alone, and it has neither state nor frozen layer", () => {
  assertEquals(objective.specs.every(({ name }) => name.startsWith("projector")), true);
  assertEquals(objective.studentSpecs.every(({ name }) => name.startsWith("predictor")), true);
  assertEquals([objective.init(), objective.freeze, objective.prototypes], [{}, undefined, undefined]);
});
