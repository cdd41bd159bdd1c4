/**
 * A thread's buffers for one block of images on its way through the layers of a leaf.
 *
 * @module
 */
import type { PathwayLayer, PathwayTask } from "./pathway_task.ts";
import { SQUARE, type TileBuffers } from "./tiled_jobs.ts";

const FLOAT = 4; // bytes
/** Floats of an image's statistics: mean and 1 / σ. */
export const MOMENTS = 2;

/** Addresses of a thread's buffers. */
export interface Scratch {
  /** Outputs of the layers, where the pass does not keep them. */
  readonly outputs: readonly number[];
  readonly moments: readonly number[];
  readonly normalised: number;
  /** Scales and shifts, see `affine` in kernel/tiles.as. */
  readonly affine: number;
  readonly gradient: number;
  readonly inputGradient: number;
  readonly sums: number;
  readonly tiles: TileBuffers;
  /** Gradients of the transformed weights in a job, one address a layer; 0 where a layer has none. */
  readonly squares: readonly number[];
  readonly end: number;
}

/** Bytes that a thread needs for a task. */
export function scratchBytes(task: Pick<PathwayTask, "step" | "batch" | "layers">): number {
  return layOutScratch(task, 0).end;
}

/** Lays the buffers out from `address` on. */
export function layOutScratch(
  { step, batch, layers }: Pick<PathwayTask, "step" | "batch" | "layers">,
  address: number,
): Scratch {
  let end = address;
  const take = (floats: number) => {
    const from = end;
    end += 64 * Math.ceil((FLOAT * floats + 64) / 64); // slack, like Heap's
    return from;
  };
  const largest = (size: (layer: PathwayLayer) => number) => Math.max(...layers.map(size));
  const out = (layer: PathwayLayer) => batch.block * layer.pixelsOut * layer.outWidth;
  const into = (layer: PathwayLayer) => batch.block * layer.pixelsIn * layer.inWidth;
  // A layer may read its input while it writes its output.
  const shared = [0, 1].map(() => step === "features" ? take(largest(out)) : 0);
  const places = {
    outputs: layers.map((layer, l) => step === "pixels" ? take(out(layer)) : shared[l % 2]),
    moments: layers.map(() => take(MOMENTS * batch.block)),
    normalised: take(largest((layer) => layer.form.type === "planned" ? into(layer) : 0)),
    affine: take(2 * batch.block * largest(({ inWidth }) => inWidth)),
    gradient: take(largest(out)),
    inputGradient: take(largest(into)),
    sums: take(2 * largest(({ inWidth, outWidth }) => Math.max(inWidth, outWidth))),
    tiles: {
      frame: take(SQUARE * largest((layer) => tiles(layer) && layer.inWidth)),
      inputs: take(SQUARE * largest((layer) => tiles(layer) * layer.inWidth)),
      outputs: take(SQUARE * largest((layer) => tiles(layer) * layer.outWidth)),
    },
    squares: layers.map((layer) => step === "backward" && tiles(layer) > 0 ? take(squareFloats(layer)) : 0),
  };
  return { ...places, end };
}

/** Floats of a layer's transformed weights. */
export function squareFloats({ inWidth, outWidth }: Pick<PathwayLayer, "inWidth" | "outWidth">): number {
  return SQUARE * inWidth * outWidth;
}

/** Number of tiles that are transformed together. */
function tiles({ form }: PathwayLayer): number {
  return form.type === "tiled" ? form.capacity : 0;
}
