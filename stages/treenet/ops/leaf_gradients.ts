/**
 * The gradients of one leaf's parameters over the blocks of one job.
 *
 * @module
 */
import type { Kernel } from "./kernel.ts";
import type { PathwayLayer } from "./pathway_task.ts";
import { type Scratch, squareFloats } from "./pathway_scratch.ts";

const FLOAT = 4; // bytes

/** Where a job adds them up. */
export class LeafGradients {
  readonly #kernel: Kernel;
  readonly #layers: readonly PathwayLayer[];
  readonly #address: number;
  /** One a layer: of its transformed weights, where it has any. */
  readonly squares: Scratch["squares"];

  /** @param place.address of the leaf's gradients, which lie as its parameters do */
  constructor(
    kernel: Kernel,
    layers: readonly PathwayLayer[],
    place: { readonly scratch: Scratch; readonly address: number },
  ) {
    [this.#kernel, this.#layers, this.#address] = [kernel, layers, place.address];
    this.squares = place.scratch.squares;
  }

  /** Address of a layer's. */
  of(layer: PathwayLayer, part: keyof PathwayLayer["offsets"]): number {
    return this.#address + FLOAT * layer.offsets[part];
  }

  /** Starts from zeros; `bytes` of a leaf's parameters. */
  clear(bytes: number): void {
    this.#kernel.clear(this.#address, bytes);
    for (const [l, layer] of this.#layers.entries()) {
      if (layer.form.type === "tiled") this.#kernel.clear(this.squares[l], FLOAT * squareFloats(layer));
    }
  }

  /** Transforms back what the blocks added to `squares`. */
  finish(): void {
    for (const [l, layer] of this.#layers.entries()) {
      if (layer.form.type !== "tiled") continue;
      this.#kernel.weightsOfTiles(this.squares[l], layer.inWidth * layer.outWidth, this.of(layer, "weights"));
    }
  }
}
