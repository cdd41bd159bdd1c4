import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { pairs } from "../../../treenet/loss.ts";
import dino, { crossEntropy, targets, updateCentre } from "../../../treenet/methods/dino.ts";
import { initialise, upload } from "../../../treenet/nn/parameters.ts";
import { type Backend, loadOps } from "../../../treenet/ops/mod.ts";
import { random } from "../../../treenet/random.ts";
import type { Ops } from "../../../treenet/nn/types.ts";

const [IMAGES, BOTTLENECK, PROTOTYPES, STUDENT, TEACHER] = [3, 4, 7, 0.1, 0.04];
const DIRECTIONS = draws(BOTTLENECK * PROTOTYPES, 9);

function draws(count: number, seed: number): Float32Array {
  const stream = random(seed);
  return Float32Array.from({ length: count }, () => 0.3 * stream.normal());
}

function softmax(row: readonly number[]): number[] {
  const top = Math.max(...row);
  const exps = row.map((x) => Math.exp(x - top));
  const sum = exps.reduce((a, b) => a + b);
  return exps.map((x) => x / sum);
}

/** The loss's definition, one pair at a time, in float64. */
function byDefinition(
  student: ArrayLike<number>,
  teacher: Float32Array,
  { centre, globals, views }: { centre: Float32Array; globals: number; views: number },
): number {
  const row = (
    values: ArrayLike<number>,
    view: number,
    image: number,
  ) =>
    Array.from(values).slice((view * IMAGES + image) * PROTOTYPES, (view * IMAGES + image + 1) * PROTOTYPES);
  let [sum, count] = [0, 0];
  for (let image = 0; image < IMAGES; image++) {
    for (let t = 0; t < globals; t++) {
      const p = softmax(row(teacher, t, image).map((x, k) => (x - centre[k]) / TEACHER));
      for (let v = 0; v < views; v++) {
        if (v === t) continue;
        const q = softmax(row(student, v, image).map((x) => x / STUDENT));
        sum -= p.reduce((total, pk, k) => total + pk * Math.log(q[k]), 0);
        count++;
      }
    }
  }
  return sum / count;
}

function compute(
  student: Float32Array,
  teacher: Float32Array,
  { centre, globals, locals, ops }: { centre: Float32Array; globals: number; locals: number; ops: Ops },
): { loss: number; gradients: readonly Float32Array[]; entropy: number } {
  return tf.tidy(() => {
    const goal = targets(tf.tensor2d(teacher, [globals * IMAGES, PROTOTYPES]), tf.tensor1d(centre), {
      globals,
      locals,
      temperature: TEACHER,
    });
    const scale = 1 / (IMAGES * pairs({ globals, locals }));
    const { value, grads } = tf.valueAndGrads((...[rows, prototypes]: tf.Tensor[]) => {
      const side = { rows: rows as tf.Tensor2D, prototypes: prototypes as tf.Tensor2D };
      return tf.mul(crossEntropy(side, goal.views, { temperature: STUDENT, ops }), scale) as tf.Scalar;
    })([
      tf.tensor2d(student, [(globals + locals) * IMAGES, BOTTLENECK]),
      tf.tensor2d(DIRECTIONS, [BOTTLENECK, PROTOTYPES]),
    ]);
    return {
      loss: value.dataSync()[0],
      gradients: grads.map((gradient) => gradient.dataSync().slice() as Float32Array),
      entropy: goal.entropy.dataSync()[0] / (IMAGES * globals),
    };
  });
}

/** rows [., B] · w [B, K] in float64. */
function product(rows: ArrayLike<number>, w: ArrayLike<number> = DIRECTIONS): number[] {
  return Array.from({ length: rows.length / BOTTLENECK * PROTOTYPES }, (_, i) => {
    const [row, k] = [Math.floor(i / PROTOTYPES), i % PROTOTYPES];
    let sum = 0;
    for (let b = 0; b < BOTTLENECK; b++) sum += rows[row * BOTTLENECK + b] * w[b * PROTOTYPES + k];
    return sum;
  });
}

for (const backend of ["cpu", "wasm"] as readonly Backend[]) {
  for (const locals of [0, 3]) {
    const views = 2 + locals;
    Deno.test(`the loss over 2 + ${locals} views is its definition's, gradient included, on ${backend}`, async () => {
      const ops = await loadOps(backend, { cores: 1 });
      const student = draws(views * IMAGES * BOTTLENECK, 1);
      const teacher = draws(2 * IMAGES * PROTOTYPES, 2);
      const options = { centre: draws(PROTOTYPES, 3), globals: 2, locals, views, ops };
      const { loss, gradients } = compute(student, teacher, options);
      const at = (rows: ArrayLike<number>, w: ArrayLike<number>) =>
        byDefinition(product(rows, w), teacher, options);
      const nudged = (values: Float32Array, i: number, h: number) =>
        Array.from(values, (x, j) => j === i ? x + h : x);
      assertAlmostEquals(loss, at(student, DIRECTIONS), 1e-5);
      for (let i = 0; i < student.length; i += 5) {
        const slope = (at(nudged(student, i, 1e-3), DIRECTIONS) - at(nudged(student, i, -1e-3), DIRECTIONS)) /
          2e-3;
        assertAlmostEquals(gradients[0][i], slope, 1e-4);
      }
      for (let i = 0; i < DIRECTIONS.length; i += 3) {
        const slope = (at(student, nudged(DIRECTIONS, i, 1e-3)) - at(student, nudged(DIRECTIONS, i, -1e-3))) /
          2e-3;
        assertAlmostEquals(gradients[1][i], slope, 1e-4);
      }
      ops.close();
    });
  }
}

Deno.test("the loss is the teacher's entropy where the student says the same of every view", async () => {
  const ops = await loadOps("cpu", { cores: 1 });
  const view = draws(IMAGES * BOTTLENECK, 4);
  const student = Float32Array.of(...view, ...view);
  const teacher = Float32Array.from(product(student), (x) => x * TEACHER / STUDENT);
  const centre = new Float32Array(PROTOTYPES);
  const { loss, entropy } = compute(student, teacher, { centre, globals: 2, locals: 0, ops });
  assertAlmostEquals(loss, entropy, 1e-5);
  assertLess(entropy, Math.log(PROTOTYPES) + 1e-6);
  ops.close();
});

Deno.test("the centre keeps 0.9 of itself and takes 0.1 of the batch", () => {
  const centre = Float32Array.of(1, -2);
  updateCentre(centre, Float32Array.of(2, 2), 0.9);
  assertAlmostEquals(centre[0], 1.1, 1e-6);
  assertAlmostEquals(centre[1], -1.6, 1e-6);
});

Deno.test("DINO's last layer is frozen for whole epochs, or for steps where they are given", () => {
  const frozen = (settings: Readonly<Record<string, number>>) =>
    dino.build(4, dino.config.parse(settings)).freeze!.steps(781);
  assertEquals([frozen({}), frozen({ freezeEpochs: 0.5 }), frozen({ freezeSteps: 3 })], [781, 391, 3]);
});

Deno.test("the head's layers end with the outputs that the centre follows, cosines of its unit rows", async () => {
  const ops = await loadOps("cpu", { cores: 1 });
  tf.tidy(() => {
    const settings = { head: { hidden: 6, bottleneck: BOTTLENECK, prototypes: PROTOTYPES } };
    const head = dino.build(5, dino.config.parse(settings));
    const params = upload(head.specs, initialise(head.specs, 3));
    const embeddings = tf.tensor2d(draws(2 * IMAGES * 5, 4), [2 * IMAGES, 5]);
    const layers = head.layers({ params, embeddings }, ops);
    assertEquals(Object.keys(layers), ["mlp1", "mlp2", "bottleneck", "outputs"]);
    assertEquals(Object.values(layers).map(({ shape }) => shape[1]), [6, 6, BOTTLENECK, PROTOTYPES]);
    const lengths = tf.sum(tf.square(layers.bottleneck), 1).dataSync();
    for (const length of lengths) assertAlmostEquals(length, 1, 1e-6);
    const state = { centre: tf.zeros([PROTOTYPES]) };
    const counts = { globals: 2, locals: 0 };
    const { follow } = head.targets({ params, embeddings }, { step: 0, state, counts, ops });
    const sums = tf.sum(layers.outputs, 0).dataSync();
    follow!.centre.dataSync().forEach((sum, k) => assertAlmostEquals(sum, sums[k], 1e-6));
    for (const cosine of layers.outputs.dataSync()) assertLess(Math.abs(cosine), 1 + 1e-6);
  });
  ops.close();
});
