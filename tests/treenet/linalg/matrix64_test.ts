import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Matrix64 } from "../../../treenet/linalg/matrix64.ts";
import { values } from "../ops/wasm/ops_support.ts";

Deno.test("Matrix64 sums in order of the index, to the bit, for any shape", async () => {
  const size = (max: number) => fc.integer({ min: 1, max });
  const property = fc.asyncProperty(size(150), size(40), size(13), async (rows, columns, c) => {
    const [x, w, r] = [[rows, columns], [columns, c], [rows, c]].map((shape, i) => values(shape, i).data);
    const matrix = await Matrix64.create(x, rows, columns);
    const [product, transposed] = [new Float64Array(rows * c), new Float64Array(columns * c)];
    for (let i = 0; i < rows; i++) {
      for (let k = 0; k < columns; k++) {
        for (let j = 0; j < c; j++) {
          product[i * c + j] += x[i * columns + k] * w[k * c + j];
          transposed[k * c + j] += x[i * columns + k] * r[i * c + j];
        }
      }
    }
    assertEquals(matrix.times(w, c), product);
    assertEquals(matrix.transposedTimes(r, c), transposed);
    matrix.free();
  });
  await fc.assert(property, { numRuns: 40, seed: 4 });
});

Deno.test("Matrix64 multiplies some of its rows as if they were a matrix of their own, to the bit", async () => {
  const [rows, columns, c] = [37, 6, 5];
  const x = values([rows, columns], 1).data;
  const whole = await Matrix64.create(x, rows, columns);
  for (const [from, to] of [[0, 37], [3, 10], [35, 37], [20, 20]]) {
    const part = await Matrix64.create(x.slice(from * columns, to * columns), to - from, columns);
    const [w, r] = [values([columns, c], 2).data, values([to - from, c], 3).data];
    assertEquals(whole.times(w, c, { from, to }), part.times(w, c));
    assertEquals(whole.transposedTimes(r, c, { from, to }), part.transposedTimes(r, c));
    part.free();
  }
  assertThrows(() => whole.times(values([columns, c], 2).data, c, { from: 30, to: 38 }), RangeError);
  whole.free();
});

Deno.test("Matrix64 refuses wrong sizes, and work after it was freed", async () => {
  await assertRejects(
    () => Matrix64.create(new Float64Array(5), 2, 3),
    RangeError,
    "it has 5 values, expected 6",
  );
  const matrix = await Matrix64.create(new Float64Array(6), 2, 3);
  assertThrows(() => matrix.times(new Float64Array(4), 2), RangeError, "4 values, expected 3 × 2");
  assertThrows(() => matrix.transposedTimes(new Float64Array(6), 2), RangeError, "6 values, expected 2 × 2");
  matrix.free();
  const error = assertThrows(() => matrix.times(new Float64Array(6), 2), Error) as Error;
  assertStringIncludes(error.message, "it has been freed");
});
