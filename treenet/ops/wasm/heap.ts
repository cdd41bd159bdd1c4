/**
 * Buffers in the memory that the kernel's threads share. One thread allocates. Addresses are in bytes and
 * aligned to a cache line. Slack follows every buffer: the kernel may read, never write, a vector past it.
 *
 * @module
 */
import { PAGE, PAGES, sharedMemory } from "./load_kernel.ts";

const LINE = 64; // bytes, of a cache line
const SLACK = 64; // bytes
const MEBIBYTE = 2 ** 20;

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Allocator that takes the first free span that fits, in order of address. */
export class Heap {
  readonly memory: WebAssembly.Memory = sharedMemory();
  readonly #limit: number;
  readonly #sizes = new Map<number, number>();
  #free: Span[] = [];
  #end: number;

  /**
   * @param reserved bytes at address 0 that are never handed out
   * @param options.limit bytes it may grow to @default 4 GiB
   */
  constructor(reserved: number, options: { readonly limit?: number } = {}) {
    this.#limit = options.limit ?? PAGE * PAGES;
    this.#end = reserved;
    this.#reach(reserved);
  }

  /** Bytes handed out and not freed. */
  get used(): number {
    return [...this.#sizes.values()].reduce((sum, size) => sum + size, 0);
  }

  /** Address of `bytes` uninitialised bytes. Throws a RangeError when the memory cannot hold them. */
  allocate(bytes: number): number {
    const size = Math.ceil((bytes + SLACK) / LINE) * LINE;
    const index = this.#free.findIndex(({ from, to }) => to - from >= size);
    const address = index >= 0 ? this.#take(index, size) : this.#extend(size);
    this.#sizes.set(address, size);
    return address;
  }

  /** Frees an allocated buffer. */
  free(address: number): void {
    const size = this.#sizes.get(address);
    if (size === undefined) throw new Error(`Cannot free address ${address}: it is not allocated`);
    this.#sizes.delete(address);
    const index = this.#free.findIndex(({ from }) => from > address);
    this.#free.splice(index < 0 ? this.#free.length : index, 0, { from: address, to: address + size });
    this.#free = merged(this.#free);
  }

  /** Makes an arena: its buffers are freed together when it goes out of scope (`using`). */
  arena(): Arena {
    return new Arena(this);
  }

  /** View of n floats, valid while its buffer is allocated. */
  floats(address: number, n: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, n);
  }

  /** View of n 32-bit integers. */
  words(address: number, n: number): Int32Array {
    return new Int32Array(this.memory.buffer, address, n);
  }

  #take(index: number, size: number): number {
    const { from, to } = this.#free[index];
    this.#free.splice(index, 1, ...(to - from > size ? [{ from: from + size, to }] : []));
    return from;
  }

  #extend(size: number): number {
    const last = this.#free.at(-1);
    const from = last?.to === this.#end ? last.from : this.#end;
    this.#reach(from + size);
    if (from !== this.#end) this.#free.pop();
    this.#end = from + size;
    return from;
  }

  #reach(end: number): void {
    const has = this.memory.buffer.byteLength;
    if (end <= has) return;
    if (end > this.#limit) throw this.#full(end);
    try {
      this.memory.grow(Math.ceil((end - has) / PAGE));
    } catch (cause) {
      throw this.#full(end, cause);
    }
  }

  #full(end: number, cause?: unknown): RangeError {
    const [wanted, limit] = [end, this.#limit].map((bytes) => Math.ceil(bytes / MEBIBYTE));
    return new RangeError(
      `Cannot hold this batch in kernel memory: it needs ${wanted} MiB, expected at most ${limit} MiB, ` +
        `lower the micro-batch`,
      { cause },
    );
  }
}

/** Buffers that are freed together; see {@linkcode Heap.arena}. */
export class Arena implements Disposable {
  readonly #heap: Heap;
  readonly #addresses: number[] = [];

  constructor(heap: Heap) {
    this.#heap = heap;
  }

  /** Address of n uninitialised floats; see {@linkcode Heap.allocate}. */
  floats(n: number): number {
    const address = this.#heap.allocate(4 * n);
    this.#addresses.push(address);
    return address;
  }

  /** Frees all buffers of the arena. */
  [Symbol.dispose](): void {
    for (const address of this.#addresses.splice(0)) this.#heap.free(address);
  }
}

/** Joins neighbouring spans. */
function merged(spans: readonly Span[]): Span[] {
  const out: Span[] = [];
  for (const span of spans) {
    const last = out.at(-1);
    if (last?.to === span.from) out[out.length - 1] = { from: last.from, to: span.to };
    else out.push(span);
  }
  return out;
}
