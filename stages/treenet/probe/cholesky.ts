/**
 * Symmetric positive definite systems A·X = B, by Cholesky's A = L·Lᵀ, on flat float64 arrays: right-hand sides
 * lie side by side in a row, so that the inner loop runs over contiguous memory.
 *
 * @module
 */

/** L, lower triangular, row-major. */
export interface Cholesky {
  readonly lower: Float64Array;
  readonly size: number;
}

/**
 * Factorises a [size, size], of which only the lower triangle is read.
 *
 * @throws {RangeError} if the matrix is not positive definite
 */
export function factorize(a: Float64Array, size: number): Cholesky {
  const lower = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * size + j];
      for (let k = 0; k < j; k++) sum -= lower[i * size + k] * lower[j * size + k];
      if (i === j && !(sum > 0)) {
        throw new RangeError(
          `Cannot factorise a ${size} × ${size} matrix: pivot ${i} is ${sum}, expected a positive number`,
        );
      }
      lower[i * size + j] = i === j ? Math.sqrt(sum) : sum / lower[j * size + j];
    }
  }
  return { lower, size };
}

/** X of A·X = B, both [size, columns]. */
export function solve({ lower, size }: Cholesky, b: Float64Array): Float64Array {
  const columns = b.length / size;
  const x = b.slice();
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) subtract(x, { from: i, row: k, factor: lower[i * size + k], columns });
    divide(x, { row: i, by: lower[i * size + i], columns });
  }
  for (let i = size - 1; i >= 0; i--) {
    divide(x, { row: i, by: lower[i * size + i], columns });
    for (let k = 0; k < i; k++) subtract(x, { from: k, row: i, factor: lower[i * size + k], columns });
  }
  return x;
}

function subtract(
  x: Float64Array,
  o: { readonly from: number; readonly row: number; readonly factor: number; readonly columns: number },
): void {
  const [to, at] = [o.from * o.columns, o.row * o.columns];
  for (let j = 0; j < o.columns; j++) x[to + j] -= o.factor * x[at + j];
}

function divide(
  x: Float64Array,
  o: { readonly row: number; readonly by: number; readonly columns: number },
): void {
  for (let j = o.row * o.columns; j < (o.row + 1) * o.columns; j++) x[j] /= o.by;
}
