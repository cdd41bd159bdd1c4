/**
 * Winograd's form of a layer's convolution on a block of images: transform, 16 matrix products, transform
 * back, a few tiles at a time so that they stay in the second-level cache (kernel/tiles.as has the algebra).
 *
 * @module
 */
import type { Kernel } from "../load_kernel.ts";

/** A convolution in tiles. */
export interface Tiling {
  /** Address of the shape, see kernel/tiles.as. */
  readonly shape: number;
  /** Number of tiles in an image. */
  readonly perImage: number;
  /** Number of tiles transformed together, a multiple of {@linkcode ROWS}. */
  readonly capacity: number;
}

/** Number of elements of a tile, and of matrix products. */
export const SQUARE = 16;
/** Number of tiles that a product takes at a time. */
export const ROWS = 5;

/** Addresses of the transformed tiles. */
export interface TileBuffers {
  /** {@linkcode SQUARE} × inWidth floats */
  readonly frame: number;
  /** {@linkcode SQUARE} × capacity × inWidth floats */
  readonly inputs: number;
  /** {@linkcode SQUARE} × capacity × outWidth floats */
  readonly outputs: number;
}

/** A layer and a block of images. */
export interface TiledLayer {
  readonly tiling: Tiling;
  readonly images: number;
  /** Channels, multiples of 4. */
  readonly inWidth: number;
  readonly outWidth: number;
  /** Address of the input before its normalisation. */
  readonly x: number;
  /** Address of scales and shifts [images, 2, inWidth]. */
  readonly affine: number;
  readonly buffers: TileBuffers;
}

/** output = ReLU(convolution of the normalised x + bias). */
export function tiledForward(
  kernel: Kernel,
  layer: TiledLayer,
  { packed, bias, output }: Readonly<Record<"packed" | "bias" | "output", number>>,
): void {
  const { inWidth, outWidth, buffers: { inputs, outputs }, tiling: { shape, capacity } } = layer;
  for (const [first, count] of runsOf(layer)) {
    transformInput(kernel, layer, first, count);
    kernel.products(inputs, count, capacity, inWidth, packed, outWidth, outputs);
    kernel.outputOfTiles(shape, outputs, outWidth, bias, first, count, capacity, output);
  }
}

/**
 * Writes dx, the gradient of the normalised x; with `dw`, adds to the gradient of the transformed weights
 * [{@linkcode SQUARE}, inWidth, outWidth].
 */
export function tiledBackward(
  kernel: Kernel,
  layer: TiledLayer,
  { dy, packedTransposed, dx, dw }: {
    readonly dy: number;
    readonly packedTransposed: number;
    /** Address of zeros, to which the gradient is added. */
    readonly dx: number;
    readonly dw?: number;
  },
): void {
  const { inWidth, outWidth, buffers: { inputs, outputs }, tiling: { shape, capacity } } = layer;
  for (const [first, count] of runsOf(layer)) {
    kernel.tilesOfGradient(shape, dy, outWidth, first, count, capacity, outputs);
    if (dw !== undefined) {
      transformInput(kernel, layer, first, count);
      kernel.transposedProducts(inputs, count, capacity, inWidth, outputs, outWidth, dw);
    }
    kernel.products(outputs, count, capacity, outWidth, packedTransposed, inWidth, inputs);
    kernel.inputGradientOfTiles(shape, inputs, inWidth, first, count, capacity, dx);
  }
}

function transformInput(kernel: Kernel, layer: TiledLayer, first: number, count: number): void {
  const { x, affine, inWidth, buffers: { frame, inputs }, tiling: { shape, capacity } } = layer;
  kernel.tilesOfInput(shape, x, inWidth, affine, first, count, capacity, frame, inputs);
}

/** First tile and number of tiles of each run; the runs are about equally long. */
function* runsOf(
  { tiling: { perImage, capacity }, images }: TiledLayer,
): Generator<readonly [number, number]> {
  const all = images * perImage, runs = Math.ceil(all / capacity);
  const each = ROWS * Math.ceil(all / runs / ROWS);
  for (let first = 0; first < all; first += each) yield [first, Math.min(each, all - first)];
}
