/**
 * Symmetric positive definite systems A·X = B, by Cholesky's A = L·Lᵀ, on flat float64 arrays. Right-hand
 * sides lie side by side in a row, so that the inner loop runs over contiguous memory.
 *
 * @module
 */

/** L, lower triangular, row-major. */
export interface Cholesky {
  readonly lower: Float64Array;
  readonly size: number;
}

/** Number of columns factorised together, whose sums do not depend on each other. */
const PANEL = 4;

/**
 * Factorises a [size, size]; only the lower triangle is read. The terms of every element are subtracted one
 * by one, from left to right.
 *
 * @throws {RangeError} if the matrix is not positive definite
 */
export function factorize(a: Float64Array, size: number): Cholesky {
  const lower = new Float64Array(size * size), sums = new Float64Array(PANEL);
  for (let first = 0; first < size; first += PANEL) {
    const end = Math.min(first + PANEL, size);
    for (let i = first; i < size; i++) {
      subtractBefore(sums, { a, lower, size, row: i, first });
      for (let j = first; j < Math.min(end, i + 1); j++) {
        let sum = sums[j - first];
        for (let k = first; k < j; k++) sum -= lower[i * size + k] * lower[j * size + k];
        if (i === j && !(sum > 0)) {
          throw new RangeError(
            `Cannot factorise a ${size} × ${size} matrix: pivot ${i} is ${sum}, expected a positive number`,
          );
        }
        lower[i * size + j] = i === j ? Math.sqrt(sum) : sum / lower[j * size + j];
      }
    }
  }
  return { lower, size };
}

/** Subtracts the terms of all columns before a panel from a row's elements of it. */
function subtractBefore(
  sums: Float64Array,
  { a, lower, size, row, first }: {
    readonly a: Float64Array;
    readonly lower: Float64Array;
    readonly size: number;
    readonly row: number;
    readonly first: number;
  },
): void {
  const at = row * size;
  // A panel at the edge takes the last column again in place of missing ones.
  const column = (j: number) => Math.min(first + j, size - 1);
  const [c1, c2, c3] = [column(1), column(2), column(3)];
  const [l0, l1, l2, l3] = [first * size, c1 * size, c2 * size, c3 * size];
  let [s0, s1, s2, s3] = [a[at + first], a[at + c1], a[at + c2], a[at + c3]];
  for (let k = 0; k < first; k++) {
    const factor = lower[at + k];
    s0 -= factor * lower[l0 + k];
    s1 -= factor * lower[l1 + k];
    s2 -= factor * lower[l2 + k];
    s3 -= factor * lower[l3 + k];
  }
  sums[0] = s0;
  sums[1] = s1;
  sums[2] = s2;
  sums[3] = s3;
}

/** Solves A·X = B for X, both [size, columns]. */
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
