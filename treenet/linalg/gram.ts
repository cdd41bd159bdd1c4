/**
 * The Gram matrix XᵀX of the columns of a tall matrix, from which covariances, discriminants and similarities follow.
 *
 * @module
 */
import { Matrix64 } from "./matrix64.ts";

/** Number of columns whose products are computed at once. */
const BLOCK = 64;

/** XᵀX [d, d] of x [n, d]. */
export async function gram(x: Float64Array, size: number): Promise<Float64Array> {
  const matrix = await Matrix64.create(x, x.length / size, size);
  try {
    const out = new Float64Array(size * size);
    for (let first = 0; first < size; first += BLOCK) {
      const width = Math.min(BLOCK, size - first);
      const product = matrix.transposedTimes(columnsOf(x, { size, first, width }), width);
      for (let row = 0; row < size; row++) {
        out.set(product.subarray(row * width, (row + 1) * width), row * size + first);
      }
    }
    return out;
  } finally {
    matrix.free();
  }
}

/** Columns `first` to `first + width` of a matrix of `size` columns. */
export function columnsOf(
  values: Float64Array,
  { size, first, width }: { readonly size: number; readonly first: number; readonly width: number },
): Float64Array {
  const count = values.length / size;
  const part = new Float64Array(count * width);
  for (let i = 0; i < count; i++) {
    part.set(values.subarray(i * size + first, i * size + first + width), i * width);
  }
  return part;
}

/** Mean of each column, [d]. */
export function columnMeans(rows: Float32Array | Float64Array, size: number): Float64Array {
  const mean = new Float64Array(size), count = rows.length / size;
  for (let i = 0; i < rows.length; i++) mean[i % size] += rows[i] / count;
  return mean;
}

/** Rows less the mean of each column. */
export function centred(rows: Float32Array | Float64Array, mean: Float64Array): Float64Array {
  const size = mean.length;
  return Float64Array.from(rows, (value, i) => value - mean[i % size]);
}
