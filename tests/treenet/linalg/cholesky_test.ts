import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { factorize, solve } from "../../../treenet/linalg/cholesky.ts";
import { random } from "../../../treenet/random.ts";

/** M·Mᵀ + I of a random M, [size, size]; what is above the diagonal is not to be read. */
function positive(size: number): Float64Array {
  const stream = random(size), m = Float64Array.from({ length: size * size }, () => stream.normal());
  return Float64Array.from({ length: size * size }, (_, at) => {
    const [i, j] = [Math.floor(at / size), at % size];
    if (j > i) return NaN;
    let sum = i === j ? 1 : 0;
    for (let k = 0; k < size; k++) sum += m[i * size + k] * m[j * size + k];
    return sum;
  });
}

/** An element at a time, by the definition. */
function byDefinition(a: Float64Array, size: number): Float64Array {
  const lower = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * size + j];
      for (let k = 0; k < j; k++) sum -= lower[i * size + k] * lower[j * size + k];
      lower[i * size + j] = i === j ? Math.sqrt(sum) : sum / lower[j * size + j];
    }
  }
  return lower;
}

for (const size of [1, 2, 3, 4, 5, 7, 8, 13, 64]) {
  Deno.test(`Cholesky's factor of ${size} columns has the bits of its definition`, () => {
    const a = positive(size);
    assertEquals(factorize(a, size).lower, byDefinition(a, size));
  });
}

Deno.test("systems are solved, several right-hand sides at once", () => {
  const size = 13, columns = 3, a = positive(size), stream = random(1);
  const x = Float64Array.from({ length: size * columns }, () => stream.normal());
  const b = Float64Array.from({ length: size * columns }, (_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns];
    let sum = 0;
    for (let k = 0; k < size; k++) sum += a[Math.max(i, k) * size + Math.min(i, k)] * x[k * columns + j];
    return sum;
  });
  solve(factorize(a, size), b).forEach((value, i) => assertAlmostEquals(value, x[i], 1e-9));
});

Deno.test("a matrix that is not positive definite is named with its pivot", () => {
  assertThrows(
    () => factorize(Float64Array.of(1, 0, 2, 1), 2),
    RangeError,
    "Cannot factorise a 2 × 2 matrix: pivot 1 is -3, expected a positive number",
  );
});
