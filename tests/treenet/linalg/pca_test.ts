import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { principalComponents, project } from "../../../treenet/linalg/pca.ts";
import { random } from "../../../treenet/random.ts";

const [rows, size] = [200, 60];

/** Mixed normal draws with variances that fall by a tenth from column to column, away from the origin. */
function sample(): Float32Array {
  const stream = random(11);
  const mixing = Array.from({ length: size * size }, () => stream.normal());
  const out = new Float32Array(rows * size);
  for (let i = 0; i < rows; i++) {
    const hidden = Array.from({ length: size }, (_, k) => 0.9 ** k * stream.normal());
    for (let j = 0; j < size; j++) {
      out[i * size + j] = 5 + hidden.reduce((sum, value, k) => sum + value * mixing[k * size + j], 0);
    }
  }
  return out;
}

/** All eigenvalues of the covariance, descending, by a dense solver. */
function spectrum(x: Float32Array): number[] {
  const matrix = Matrix.from1DArray(rows, size, x);
  const centred = matrix.subRowVector(matrix.mean("column"));
  const covariance = centred.transpose().mmul(centred).div(rows);
  const { realEigenvalues } = new EigenvalueDecomposition(covariance, { assumeSymmetric: true });
  return realEigenvalues.sort((a, b) => b - a);
}

Deno.test("variances are the largest eigenvalues of the covariance, and those of the projected rows", async () => {
  const x = sample();
  const components = await principalComponents(x, { size, components: 8, seed: 0 });
  const expected = spectrum(x);
  components.variances.forEach((value, k) => assertAlmostEquals(value / expected[k], 1, 1e-6));
  const scores = await project(x, components);
  for (let k = 0; k < 8; k++) {
    const column = scores.filter((_, at) => at % 8 === k);
    const mean = column.reduce((sum, value) => sum + value, 0) / rows;
    const variance = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rows;
    assertAlmostEquals(mean, 0, 1e-4);
    assertAlmostEquals(variance / expected[k], 1, 1e-4);
  }
});

/** aᵀb of two columns. */
function inner(
  axes: Float64Array,
  { a, b, of }: { readonly a: number; readonly b: number; readonly of: number },
) {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += axes[i * of + a] * axes[i * of + b];
  return sum;
}

Deno.test("axes are orthonormal, also where there are as many as features", async () => {
  const of = 60;
  const { axes } = await principalComponents(sample(), { size, components: of, seed: 0 });
  for (let a = 0; a < of; a++) {
    for (let b = 0; b <= a; b++) assertAlmostEquals(inner(axes, { a, b, of }), a === b ? 1 : 0, 1e-9);
  }
});

Deno.test("of rows with ten directions, components beyond the tenth are zero", async () => {
  const flat = sample().map((value, at) => at % size < 10 ? value : 1);
  const { axes, variances } = await principalComponents(flat, { size, components: 20, seed: 0 });
  for (let k = 0; k < 20; k++) {
    const length = inner(axes, { a: k, b: k, of: 20 });
    assertAlmostEquals(length, k < 10 ? 1 : 0, 1e-9);
    assertAlmostEquals(variances[k] / variances[0] > 1e-9 ? 1 : 0, k < 10 ? 1 : 0, 1e-9);
  }
});

Deno.test("the seed of the start does not decide the components", async () => {
  const x = sample();
  const [first, second] = await Promise.all(
    [0, 1].map((seed) => principalComponents(x, { size, components: 5, seed })),
  );
  first.axes.forEach((value, at) => assertLess(Math.abs(Math.abs(value) - Math.abs(second.axes[at])), 1e-5));
  assertEquals(first.axes, (await principalComponents(x, { size, components: 5, seed: 0 })).axes);
});
