/**
 * The gradients of one leaf's parameters, summed over the blocks of one job.
 *
 * @module
 */
import type { Kernel } from "../load_kernel.ts";
import type { PathwayLayer } from "./pathway_task.ts";
import { type Scratch, squareFloats } from "./scratch.ts";

const FLOAT = 4; // bytes

/** Sums of the gradients of one job, in memory. */
export class LeafGradients {
  readonly #kernel: Kernel;
  readonly #layers: readonly PathwayLayer[];
  readonly #address: number;
  /** Address for each layer of the gradients of its transformed weights; 0 where it has none. */
  readonly squares: Scratch["squares"];

  /** @param place.address of the leaf's gradients, which are laid out like its parameters */
  constructor(
    kernel: Kernel,
    layers: readonly PathwayLayer[],
    place: { readonly scratch: Scratch; readonly address: number },
  ) {
    [this.#kernel, this.#layers, this.#address] = [kernel, layers, place.address];
    this.squares = place.scratch.squares;
  }

  /** Address of the gradients of a layer's part. */
  of(layer: PathwayLayer, part: keyof PathwayLayer["offsets"]): number {
    return this.#address + FLOAT * layer.offsets[part];
  }

  /**
   * Sets the sums to zero.
   *
   * @param bytes of a leaf's parameters
   */
  clear(bytes: number): void {
    this.#kernel.clear(this.#address, bytes);
    for (const [l, layer] of this.#layers.entries()) {
      if (layer.form.type === "tiled") this.#kernel.clear(this.squares[l], FLOAT * squareFloats(layer));
    }
  }

  /** Transforms the sums in `squares` back to gradients of the weights. */
  finish(): void {
    for (const [l, layer] of this.#layers.entries()) {
      if (layer.form.type !== "tiled") continue;
      this.#kernel.weightsOfTiles(this.squares[l], layer.inWidth * layer.outWidth, this.of(layer, "weights"));
    }
  }
}
