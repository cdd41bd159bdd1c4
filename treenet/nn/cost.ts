/**
 * Multiply-adds of pathways. This file imports no weights, so that it loads without a tensor library.
 *
 * @module
 */
import type { PathwaySpec } from "./types.ts";

const IMAGE_CHANNELS = 3;

/** Convolution weights applied, over all leaves, to an image of `pixels` × `pixels`. */
export function pathwayMultiplyAdds(spec: PathwaySpec, pixels: number): number {
  const perLeaf = spec.channels.map((outputs, layer) =>
    sizeAfter(spec, { pixels, layer }) ** 2 * spec.kernel ** 2 * inputsOf(spec, layer) * outputs
  );
  return spec.leaves * perLeaf.reduce((sum, count) => sum + count, 0);
}

/** Outputs of all convolutions of all leaves for such an image, in numbers. */
export function pathwayActivations(spec: PathwaySpec, pixels: number): number {
  const perLeaf = spec.channels.map((outputs, layer) => sizeAfter(spec, { pixels, layer }) ** 2 * outputs);
  return spec.leaves * perLeaf.reduce((sum, count) => sum + count, 0);
}

/** Channels that convolution `layer` (from 0) of one leaf reads. */
export function inputsOf({ channels }: Pick<PathwaySpec, "channels">, layer: number): number {
  return layer === 0 ? IMAGE_CHANNELS : channels[layer - 1];
}

/** Side of the output of convolution `layer`, pixels. */
function sizeAfter(
  { kernel, strides }: PathwaySpec,
  at: { readonly pixels: number; readonly layer: number },
): number {
  return strides.slice(0, at.layer + 1)
    .reduce((size, stride) => Math.floor((size - kernel) / stride) + 1, at.pixels);
}
