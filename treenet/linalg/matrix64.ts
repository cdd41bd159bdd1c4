/**
 * Products of a tall float64 matrix with a few columns, for convex problems that are solved to full
 * precision. Each sum is taken in one fixed order, on one thread, so the bits are the same on every machine.
 *
 * @module
 */
import { Heap } from "../ops/wasm/heap.ts";
import { compileKernel, type Kernel, startKernel } from "../ops/wasm/load_kernel.ts";

const DOUBLE = 8; // bytes
const RESERVED = 128; // bytes; the kernel expects 32 zeros at 64
const LIMIT = 2 ** 32; // bytes that a WebAssembly address can reach

/** Range of rows of a matrix; `to` is not included. */
export interface Rows {
  readonly from: number;
  readonly to: number;
}

/**
 * A matrix X [rows, columns] that stays in the kernel's memory.
 *
 * @example
 * ```ts
 * import { Matrix64 } from "./matrix64.ts";
 * const x = await Matrix64.create(Float64Array.of(1, 2, 3, 4, 5, 6), 3, 2);
 * x.times(Float64Array.of(1, -1), 1); // [-1, -1, -1]
 * x.transposedTimes(Float64Array.of(1, 1, 1), 1); // [9, 12]
 * x.free();
 * ```
 */
export class Matrix64 {
  readonly rows: number;
  readonly columns: number;
  readonly #kernel: Kernel;
  #heap: Heap | undefined;
  readonly #x: number;

  private constructor(
    kernel: Kernel,
    heap: Heap,
    x: { readonly address: number; rows: number; columns: number },
  ) {
    [this.#kernel, this.#heap, this.#x] = [kernel, heap, x.address];
    [this.rows, this.columns] = [x.rows, x.columns];
  }

  /** Copies x [rows, columns]. Throws a RangeError if the matrix and its products do not fit in 4 GiB. */
  static async create(x: Float64Array, rows: number, columns: number): Promise<Matrix64> {
    if (x.length !== rows * columns) {
      throw new RangeError(
        `Cannot read a ${rows} × ${columns} matrix: it has ${x.length} values, expected ${rows * columns}`,
      );
    }
    const width = whole(columns), size = (whole(rows) + 4) * width; // 4: any part can be read to a whole four
    if (DOUBLE * size > 0.95 * LIMIT) {
      throw new RangeError(
        `Cannot hold a ${rows} × ${columns} matrix: it has ${
          DOUBLE * size
        } bytes, expected fewer than 4 GiB, ` +
          `use fewer rows or columns`,
      );
    }
    const heap = new Heap(RESERVED), address = heap.allocate(DOUBLE * size);
    const values = new Float64Array(heap.memory.buffer, address, size);
    for (let row = 0; row < rows; row++) {
      values.set(x.subarray(row * columns, (row + 1) * columns), row * width);
    }
    return new Matrix64(await startKernel(await compileKernel(), heap.memory), heap, {
      address,
      rows,
      columns,
    });
  }

  /** X · w for w [columns, c], over all rows or some → [rows, c]. */
  times(w: Float64Array, c: number, some?: Rows): Float64Array {
    const { columns } = this, width = whole(c), depth = whole(columns);
    const { address, count } = this.#part(some);
    check(w, columns, c);
    return this.#product(
      { operand: depth * width, result: whole(count) * width },
      (operand, result, kernel) => {
        // [panel of 4 columns][row][4]
        for (let k = 0; k < columns; k++) {
          for (let j = 0; j < c; j++) operand.values[((j >> 2) * depth + k) * 4 + (j & 3)] = w[k * c + j];
        }
        kernel.times64(address, whole(count), depth, operand.address, width, result.address);
        return unpad(result.values, count, c);
      },
    );
  }

  /** Xᵀ · r for r [rows, c], over all rows or some → [columns, c]; r has a row for each row taken. */
  transposedTimes(r: Float64Array, c: number, some?: Rows): Float64Array {
    const { columns } = this, width = whole(c), depth = whole(columns);
    const { address, count } = this.#part(some);
    check(r, count, c);
    return this.#product(
      { operand: whole(count) * width, result: depth * width },
      (operand, result, kernel) => {
        for (let row = 0; row < count; row++) {
          operand.values.set(
            r.subarray(row * c, (row + 1) * c),
            row * width,
          );
        }
        kernel.transposedTimes64(address, whole(count), depth, operand.address, width, result.address);
        return unpad(result.values, columns, c);
      },
    );
  }

  /** Frees the memory; the matrix cannot be used afterwards. */
  free(): void {
    this.#heap = undefined;
  }

  /**
   * Address and number of the rows. The kernel reads up to a multiple of 4; the excess is zero or cut off.
   */
  #part(
    { from, to }: Rows = { from: 0, to: this.rows },
  ): { readonly address: number; readonly count: number } {
    if (!(0 <= from && from <= to && to <= this.rows)) {
      throw new RangeError(`Cannot take rows ${from} to ${to} of a matrix of ${this.rows}`);
    }
    return { address: this.#x + DOUBLE * from * whole(this.columns), count: to - from };
  }

  #product(
    sizes: { readonly operand: number; readonly result: number },
    compute: (operand: Placed, result: Placed, kernel: Kernel) => Float64Array,
  ): Float64Array {
    const heap = this.#heap;
    if (heap === undefined) throw new Error("Cannot multiply by a matrix: it has been freed");
    const operand = heap.allocate(DOUBLE * sizes.operand), result = heap.allocate(DOUBLE * sizes.result);
    try {
      const values = new Float64Array(heap.memory.buffer, operand, sizes.operand).fill(0);
      const out = new Float64Array(heap.memory.buffer, result, sizes.result);
      return compute({ address: operand, values }, { address: result, values: out }, this.#kernel);
    } finally {
      heap.free(operand);
      heap.free(result);
    }
  }
}

interface Placed {
  readonly address: number;
  readonly values: Float64Array;
}

/** Rounds up to a multiple of 4, which the kernel works on; padding is zero. */
function whole(n: number): number {
  return 4 * Math.ceil(n / 4);
}

function unpad(values: Float64Array, rows: number, columns: number): Float64Array {
  const out = new Float64Array(rows * columns), width = whole(columns);
  for (let row = 0; row < rows; row++) {
    out.set(values.subarray(row * width, row * width + columns), row * columns);
  }
  return out;
}

function check(values: Float64Array, rows: number, columns: number): void {
  if (values.length === rows * columns) return;
  throw new RangeError(
    `Cannot multiply matrices: the right one has ${values.length} values, expected ${rows} × ${columns}`,
  );
}
