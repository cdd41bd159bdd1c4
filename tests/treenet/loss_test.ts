import { assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { leafCosines, pairs } from "../../treenet/loss.ts";
import { type Backend, loadOps } from "../../treenet/ops/mod.ts";
import { random } from "../../treenet/random.ts";

const [ROWS, LEAVES, SIZE] = [3, 4, 5];

function draws(seed: number): Float32Array {
  const stream = random(seed);
  return Float32Array.from({ length: ROWS * LEAVES * SIZE }, () => stream.normal());
}

/** Mean over ordered pairs of different leaves, summed over rows, in float64. */
function byDefinition(z: ArrayLike<number>): number {
  let sum = 0;
  for (let row = 0; row < ROWS; row++) {
    const leaf = (j: number) => Array.from({ length: SIZE }, (_, d) => z[(row * LEAVES + j) * SIZE + d]);
    for (let i = 0; i < LEAVES; i++) {
      for (let j = 0; j < LEAVES; j++) {
        if (i === j) continue;
        const [a, b] = [leaf(i), leaf(j)];
        sum += a.reduce((dot, x, d) => dot + x * b[d], 0) / (Math.hypot(...a) * Math.hypot(...b));
      }
    }
  }
  return sum / (LEAVES * (LEAVES - 1));
}

for (const backend of ["cpu", "wasm"] as readonly Backend[]) {
  Deno.test(`the leaves' cosine is its definition's, gradient included, on ${backend}`, async () => {
    const ops = await loadOps(backend, { cores: 1 });
    const z = draws(1);
    const [value, gradient] = tf.tidy(() => {
      const { value, grad } = tf.valueAndGrad((x) => leafCosines(x as tf.Tensor3D))(
        tf.tensor3d(z, [ROWS, LEAVES, SIZE]),
      );
      return [value.dataSync()[0], grad.dataSync().slice()];
    });
    assertAlmostEquals(value, byDefinition(z), 1e-5);
    for (let i = 0; i < z.length; i += 2) {
      const at = (h: number) => byDefinition(Float64Array.from(z, (x, j) => j === i ? x + h : x));
      assertAlmostEquals((gradient as Float32Array)[i], (at(1e-3) - at(-1e-3)) / 2e-3, 1e-4);
    }
    ops.close();
  });
}

Deno.test("the leaves' cosine is 1 for leaves that say the same and least, −1/(m − 1), for evenly spread ones", async () => {
  const ops = await loadOps("cpu", { cores: 1 });
  const of = (leaves: number[][]) => tf.tidy(() => leafCosines(tf.tensor3d([leaves])).dataSync()[0]);
  assertAlmostEquals(of([[1, 2], [2, 4], [3, 6]]), 1, 1e-6);
  const third = (turn: number) => [Math.cos(2 * Math.PI * turn / 3), Math.sin(2 * Math.PI * turn / 3)];
  assertAlmostEquals(of([third(0), third(1), third(2)]), -1 / 2, 1e-6);
  ops.close();
});

Deno.test("2 + 8 views make 18 pairs", () => {
  assertEquals(pairs({ globals: 2, locals: 8 }), 18);
});
