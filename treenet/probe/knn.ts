/**
 * Weighted k-nearest-neighbour classification on frozen features (Wu et al. 2018): each of the k training
 * images with the largest cosine similarity votes for its class with weight exp(cosine / 0.07).
 *
 * @module
 */
import { Matrix64 } from "../linalg/matrix64.ts";
import type { LabelledFeatures } from "./feature_rows.ts";
import { argmax } from "./logistic.ts";

export interface NeighbourOptions {
  readonly classes: number;
  /** Values of k; one larger than the training set means the whole set. */
  readonly k: readonly number[];
  /** @default 0.07 */
  readonly temperature?: number;
  /** Called after each batch of test images. */
  readonly progress?: (done: number, total: number) => void | Promise<void>;
}

/** Number of test images compared at once: enough to reuse a training row in cache. */
const BATCH = 32;

/** Predicted classes [n] of `test` for each k, with one pass over the similarities. */
export async function nearestNeighbours(
  train: LabelledFeatures,
  test: LabelledFeatures,
  options: NeighbourOptions,
): Promise<Readonly<Record<string, Uint8Array>>> {
  const { k, temperature = 0.07 } = options;
  const count = test.labels.length;
  const [from, to] = [normalizeRows(train), normalizeRows(test)];
  const matrix = await Matrix64.create(from, train.labels.length, train.size);
  const predictions = Object.fromEntries(k.map((value) => [value, new Uint8Array(count)]));
  try {
    for (let first = 0; first < count; first += BATCH) {
      const width = Math.min(BATCH, count - first);
      const queries = transpose(to.subarray(first * test.size, (first + width) * test.size), test.size);
      const similarity = matrix.times(queries, width);
      for (let column = 0; column < width; column++) {
        const nearest = largest(similarity, { column, width, count: Math.max(...k) });
        for (const value of k) {
          predictions[value][first + column] = vote(nearest.slice(0, value), {
            labels: train.labels,
            classes: options.classes,
            temperature,
          });
        }
      }
      await options.progress?.(first + width, count);
    }
    return predictions;
  } finally {
    matrix.free();
  }
}

interface Neighbour {
  readonly row: number;
  readonly similarity: number;
}

function vote(
  neighbours: readonly Neighbour[],
  o: { readonly labels: Uint8Array; readonly classes: number; readonly temperature: number },
): number {
  const votes = new Float64Array(o.classes);
  for (const { row, similarity } of neighbours) votes[o.labels[row]] += Math.exp(similarity / o.temperature);
  return argmax(votes);
}

/**
 * The `count` largest entries of a column of a [rows, width] matrix, descending; among equals the lower row
 * first. One pass with a heap whose root is the smallest entry kept; few rows ever enter it.
 */
function largest(
  values: Float64Array,
  o: { readonly column: number; readonly width: number; readonly count: number },
): readonly Neighbour[] {
  const rows = values.length / o.width;
  const count = Math.min(o.count, rows);
  const heap = new Int32Array(count);
  const at = (row: number) => values[row * o.width + o.column];
  const isBefore = (a: number, b: number) => at(a) < at(b) || (at(a) === at(b) && a > b);
  for (let row = 0; row < count; row++) heap[row] = row;
  for (let place = count >> 1; place >= 0; place--) sink(heap, place, isBefore);
  for (let row = count; row < rows; row++) {
    // Among equals the lower row stays.
    if (values[row * o.width + o.column] <= at(heap[0])) continue;
    heap[0] = row;
    sink(heap, 0, isBefore);
  }
  return Array.from(heap, (row) => ({ row, similarity: at(row) }))
    .sort((a, b) => b.similarity - a.similarity || a.row - b.row);
}

/** Moves the entry at `place` down until no entry below it comes before it. */
function sink(heap: Int32Array, place: number, isBefore: (a: number, b: number) => boolean): void {
  const entry = heap[place];
  for (;;) {
    let child = 2 * place + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
    if (!isBefore(heap[child], entry)) break;
    heap[place] = heap[child];
    place = child;
  }
  heap[place] = entry;
}

/** Rows scaled to length 1; a row of zeros stays zero. */
function normalizeRows({ x, size }: LabelledFeatures): Float64Array {
  const out = Float64Array.from(x);
  for (let begin = 0; begin < out.length; begin += size) {
    const row = out.subarray(begin, begin + size);
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    if (length > 0) row.forEach((value, j) => row[j] = value / length);
  }
  return out;
}

/** [rows, columns] → [columns, rows] */
function transpose(x: Float64Array, columns: number): Float64Array {
  const rows = x.length / columns;
  const out = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) out[(i % columns) * rows + Math.floor(i / columns)] = x[i];
  return out;
}
