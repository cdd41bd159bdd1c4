/**
 * Division of a batch of images into chunks, one a job, and of each chunk into blocks, for which plans are
 * made. All sizes follow from shapes alone, never from the number of threads.
 *
 * @module
 */

/** A batch of images, divided into chunks of whole blocks. */
export interface Batch {
  readonly images: number;
  /** Images in a chunk, a multiple of `block`; each chunk is one job. */
  readonly chunk: number;
  /** Images in a block; each plan is made for one block. */
  readonly block: number;
}

/** Consecutive images that go through the kernel together. */
export interface Block {
  readonly first: number;
  readonly images: number;
}

/** A job, and the thread that does it (for its scratch memory only). */
export interface Turn {
  readonly job: number;
  readonly worker: number;
}

/** A plan in shared memory. */
export interface PlanAt {
  readonly address: number;
  /** Number of classes of tiles; 0 for a plan of pairs. */
  readonly classes: number;
}

/** The plans for a whole block and for the shorter last one. */
export interface Plans {
  readonly whole: PlanAt;
  readonly rest: PlanAt;
  readonly taps: number;
  /** Floats that each tap reads. */
  readonly run: number;
}

/** Divides the images into about `chunks` chunks. */
export function deal(
  images: number,
  { block, chunks }: { readonly block: number; readonly chunks: number },
): Batch {
  const size = Math.min(block, images);
  return { images, block: size, chunk: size * Math.ceil(images / size / chunks) };
}

/** Number of chunks. */
export function chunkCount({ images, chunk }: Batch): number {
  return Math.ceil(images / chunk);
}

/** Returns the blocks of a chunk, in order. */
export function blocksOf({ images, chunk, block }: Batch, index: number): Block[] {
  const blocks: Block[] = [];
  const end = Math.min(images, (index + 1) * chunk);
  for (let first = index * chunk; first < end; first += block) {
    blocks.push({ first, images: Math.min(block, end - first) });
  }
  return blocks;
}

/** Returns the plan for this block. */
export function planFor(plans: Plans, batch: Batch, block: Block): PlanAt {
  return block.images === batch.block ? plans.whole : plans.rest;
}
