/**
 * Views of many images, made by worker threads beside the caller's own work.
 *
 * @module
 */
import { concat } from "../../formats/bytes.ts";
import type { AugmentRecipe } from "./recipe.ts";
import type { Views } from "./make_views.ts";

/** Caller → worker: the first message, sent once. */
export interface Setup {
  readonly type: "setup";
  readonly recipe: AugmentRecipe;
  readonly seed: number;
  /** [n, 32, 32, 3], in shared memory. */
  readonly images: Uint8Array;
}

/** Caller → worker: request for the views of some images. */
export interface Order {
  readonly type: "order";
  readonly id: number;
  readonly round: number;
  /** Indices of the images in the pool. */
  readonly indices: Int32Array;
  /** Numbers of the images in the random streams. */
  readonly imageIds: Int32Array;
}

/** Worker → caller. */
export type Reply =
  | { readonly type: "ready" }
  | { readonly type: "views"; readonly id: number; readonly views: Views }
  | { readonly type: "failed"; readonly id: number; readonly message: string };

const CLOSED = "Cannot make views: the pool was closed";

interface Pending {
  readonly resolve: (views: Views) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Worker threads that make views. The bytes do not depend on their number or on overlapping calls.
 *
 * @example
 * ```ts ignore
 * using pool = await AugmentPool.create(recipe, images, { seed: 0, workers: 2 });
 * let next = pool.views(0, batches[0]);
 * for (let i = 0; i < batches.length; i++) {
 *   const { globals, locals } = await next;
 *   if (i + 1 < batches.length) next = pool.views(0, batches[i + 1]); // made while this batch is trained on
 * }
 * ```
 */
export class AugmentPool implements Disposable {
  readonly #images: number;
  readonly #workers: readonly Worker[];
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #closed = false;

  /** Starts `workers` threads. Images [n, 32, 32, 3] are copied into shared memory unless they lie there. */
  static async create(
    recipe: AugmentRecipe,
    images: Uint8Array,
    { seed, workers }: { readonly seed: number; readonly workers: number },
  ): Promise<AugmentPool> {
    const setup: Setup = { type: "setup", recipe, seed, images: shared(images) };
    const started = Array.from({ length: Math.max(1, workers) }, () => start(setup));
    try {
      return new AugmentPool(images.length / (32 * 32 * 3), await Promise.all(started));
    } catch (error) {
      for (const worker of await Promise.allSettled(started)) {
        if (worker.status === "fulfilled") worker.value.terminate();
      }
      throw error;
    }
  }

  private constructor(images: number, workers: readonly Worker[]) {
    this.#images = images;
    this.#workers = workers;
    for (const worker of workers) {
      worker.onmessage = ({ data }) => this.#receive(data);
      worker.onerror = (event) => {
        event.preventDefault();
        this.#failAll(new Error(`Cannot make views: ${event.message}`));
      };
    }
  }

  /**
   * Makes the views of the images at `indices`: globals [n, G, s, s, 3] and locals [n, L, t, t, 3].
   * `imageIds` are the images' numbers in the random streams, for a pool that holds part of a larger set. If
   * the promise is never awaited, its failure is ignored.
   */
  views(round: number, indices: Int32Array, imageIds: Int32Array = indices): Promise<Views> {
    const views = this.#views(round, indices, imageIds);
    views.catch(() => {});
    return views;
  }

  /** Ends the threads; unfinished calls fail. */
  close(): void {
    this.#closed = true;
    for (const worker of this.#workers) worker.terminate();
    this.#failAll(new Error(CLOSED));
  }

  /** Ends the threads. */
  [Symbol.dispose](): void {
    this.close();
  }

  async #views(round: number, indices: Int32Array, imageIds: Int32Array): Promise<Views> {
    this.#check(indices, imageIds);
    const share = Math.ceil(indices.length / this.#workers.length);
    const parts = this.#workers
      .map((worker, i) => ({ worker, from: i * share, to: Math.min((i + 1) * share, indices.length) }))
      .filter(({ from, to }) => from < to)
      .map(({ worker, from, to }) =>
        this.#order(worker, {
          round,
          indices: indices.slice(from, to),
          imageIds: imageIds.slice(from, to),
        })
      );
    return join(await Promise.all(parts));
  }

  #order(worker: Worker, part: Omit<Order, "type" | "id">): Promise<Views> {
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<Views>();
    this.#pending.set(id, { resolve, reject });
    worker.postMessage({ type: "order", id, ...part } satisfies Order);
    return promise;
  }

  #receive(reply: Reply): void {
    if (reply.type === "ready") return;
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (reply.type === "views") pending?.resolve(reply.views);
    else pending?.reject(new Error(reply.message));
  }

  #failAll(error: Error): void {
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }

  #check(indices: Int32Array, imageIds: Int32Array): void {
    if (this.#closed) throw new Error(CLOSED);
    const wrong = indices.find((index) => index < 0 || index >= this.#images);
    if (wrong !== undefined) {
      throw new RangeError(`Cannot make views of image ${wrong}: the pool holds ${this.#images} images`);
    }
    if (imageIds.length !== indices.length) {
      throw new RangeError(`Cannot make views: got ${imageIds.length} names for ${indices.length} images`);
    }
  }
}

function start(setup: Setup): Promise<Worker> {
  const worker = new Worker(new URL("./pool_worker.ts", import.meta.url), { type: "module" });
  const { promise, resolve, reject } = Promise.withResolvers<Worker>();
  worker.onmessage = () => resolve(worker);
  worker.onerror = (event) => {
    event.preventDefault();
    worker.terminate();
    reject(new Error(`Cannot start an augmentation worker: ${event.message}`));
  };
  worker.postMessage(setup);
  return promise;
}

function shared(images: Uint8Array): Uint8Array {
  if (images.buffer instanceof SharedArrayBuffer) return images;
  const copy = new Uint8Array(new SharedArrayBuffer(images.length));
  copy.set(images);
  return copy;
}

function join(parts: readonly Views[]): Views {
  if (parts.length === 1) return parts[0];
  return {
    globals: concat(parts.map(({ globals }) => globals)),
    locals: concat(parts.map(({ locals }) => locals)),
  };
}
