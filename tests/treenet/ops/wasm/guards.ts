/**
 * Buffers between guards, for tests of what the kernel reads and writes.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { Heap } from "../../../../treenet/ops/wasm/heap.ts";

const GUARD = 32; // floats on either side

/** A buffer of floats that its neighbours tell on. */
export interface Guarded {
  readonly address: number;
  readonly inner: Float32Array;
  /** Fails if something was written beside the buffer, or something but numbers into it. */
  check(name: string): void;
}

/**
 * A buffer of n floats between NaNs: code that reads them spreads them, and code that writes over them is
 * detected. Without `content` the buffer starts with NaNs too.
 */
export function guarded(heap: Heap, n: number, content?: ArrayLike<number>): Guarded {
  const size = n + 2 * GUARD, whole = heap.floats(heap.allocate(4 * size), size).fill(NaN);
  const bits = heap.words(whole.byteOffset, size), inner = whole.subarray(GUARD, GUARD + n);
  const mark = bits[0];
  if (content) inner.set(content);
  return {
    address: inner.byteOffset,
    inner,
    check(name) {
      for (const side of [bits.subarray(0, GUARD), bits.subarray(GUARD + n)]) {
        assert(side.every((word) => word === mark), `the kernel writes beside ${name}`);
      }
      const wrong = inner.findIndex((value) => !Number.isFinite(value));
      assertEquals(wrong, -1, `${name} has ${inner[wrong]} at ${wrong}`);
    },
  };
}
