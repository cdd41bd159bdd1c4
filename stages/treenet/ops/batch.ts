/**
 * How images are dealt out: chunks, one a job, and within a chunk blocks, for which plans are made. All sizes follow
 * from shapes alone, never from the number of threads.
 *
 * @module
 */

/** Images in chunks of whole blocks. */
export interface Batch {
  readonly images: number;
  /** Images a job, a multiple of `block`. */
  readonly chunk: number;
  /** Images a plan. */
  readonly block: number;
}

/** Consecutive images that go through the kernel together. */
export interface Block {
  readonly first: number;
  readonly images: number;
}

/** A plan in shared memory. */
export interface PlanAt {
  readonly address: number;
  /** Classes of tiles; 0 for pairs. */
  readonly classes: number;
}

/** The plans for a whole block and for the shorter last one. */
export interface Plans {
  readonly whole: PlanAt;
  readonly rest: PlanAt;
  readonly taps: number;
  /** Floats each tap reads. */
  readonly run: number;
}

/** A batch of about `chunks` chunks. */
export function deal(
  images: number,
  { block, chunks }: { readonly block: number; readonly chunks: number },
): Batch {
  const size = Math.min(block, images);
  return { images, block: size, chunk: size * Math.ceil(images / size / chunks) };
}

/** Chunks there are. */
export function chunkCount({ images, chunk }: Batch): number {
  return Math.ceil(images / chunk);
}

/** The blocks of a chunk, in order. */
export function blocksOf({ images, chunk, block }: Batch, index: number): Block[] {
  const blocks: Block[] = [];
  const end = Math.min(images, (index + 1) * chunk);
  for (let first = index * chunk; first < end; first += block) {
    blocks.push({ first, images: Math.min(block, end - first) });
  }
  return blocks;
}

/** The plan for this block. */
export function planFor(plans: Plans, batch: Batch, block: Block): PlanAt {
  return block.images === batch.block ? plans.whole : plans.rest;
}
