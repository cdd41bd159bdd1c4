/**
 * The input pixels that each output pixel of a convolution reads, as plans that the kernel follows
 * (wasm/kernel/convolution.as and wasm/kernel/weight_gradient.as describe their layout).
 *
 * @module
 */

/** A convolution of images [H, W] with square kernels and zero padding, and the layout of its channels. */
export interface Geometry {
  readonly height: number;
  readonly width: number;
  readonly kernel: number;
  readonly stride: number;
  readonly pad: number;
  /** Input channels, a multiple of 4. */
  readonly inputs: number;
  /** Output channels, a multiple of 4. */
  readonly outputs: number;
  /** Floats from one input pixel to the next. @default inputs */
  readonly inputPitch?: number;
  /** Floats from one output pixel to the next. @default outputs */
  readonly outputPitch?: number;
}

/** Tiles of five output pixels; see wasm/kernel/convolution.as. */
export interface TilePlan {
  readonly words: Int32Array;
  readonly classes: number;
  /** Taps in the packed weights. */
  readonly taps: number;
  /** Floats that each tap reads. */
  readonly run: number;
}

/** Pairs of an input and an output pixel, one tap after the other; see wasm/kernel/weight_gradient.as. */
export interface PairPlan {
  readonly words: Int32Array;
  readonly taps: number;
  readonly run: number;
}

const TILE = 5; // output pixels
const FLOAT = 4; // bytes

/** Rows or columns of the output: ⌊(size + 2·pad − kernel) / stride⌋ + 1. */
export function outputSize(
  size: number,
  { kernel, stride, pad }: Pick<Geometry, "kernel" | "stride" | "pad">,
): number {
  return Math.floor((size + 2 * pad - kernel) / stride) + 1;
}

/** Refuses a kernel that is larger than its padded input. */
export function checkFits(
  [height, width]: readonly [number, number],
  { kernel, pad }: { readonly kernel: number; readonly pad: number },
): void {
  if (Math.min(height, width) + 2 * pad >= kernel) return;
  throw new RangeError(
    `Cannot convolve ${height} × ${width} pixels with a ${kernel} × ${kernel} kernel and padding ${pad}: ` +
      `the kernel is larger than its input, use larger images, fewer layers or smaller strides`,
  );
}

const TILED = 16; // channels from which the transforms cost less than the multiplications that they save

/** True where Winograd's form of the convolution exists and pays (wasm/kernel/tiles.as). */
export function isTiled({ kernel, stride, pad, inputs, outputs }: Geometry): boolean {
  return kernel === 2 && stride === 1 && pad === 0 && Math.min(inputs, outputs) >= TILED;
}

/** Plan of the output from the input. */
export function forwardPlan(geometry: Geometry, images: number): TilePlan {
  const { taps, run, pixels } = forwardReads(geometry, images);
  return { ...tiles(pixels), taps, run };
}

/** Plan of the gradient by the input: the same kernel, with input and output exchanged. */
export function backwardPlan(geometry: Geometry, images: number): TilePlan {
  const { kernel, outputs } = geometry;
  const map = pixelMap(geometry, images);
  const pixels: Pixel[] = [];
  for (let image = 0; image < images; image++) {
    for (let y = 0; y < geometry.height; y++) {
      for (let x = 0; x < geometry.width; x++) {
        const reads: Read[] = [];
        for (let tap = 0; tap < kernel * kernel; tap++) {
          const from = map.reader(image, { y, x, ky: Math.floor(tap / kernel), kx: tap % kernel });
          if (from !== undefined) reads.push({ tap, offset: from });
        }
        pixels.push({ offset: map.input(image, y, x)!, reads });
      }
    }
  }
  return { ...tiles(pixels), taps: kernel * kernel, run: outputs };
}

/** Plan of the gradient by the weights. */
export function pairPlan(geometry: Geometry, images: number): PairPlan {
  const { taps, run, pixels } = forwardReads(geometry, images);
  const pairs = Array.from({ length: taps }, (): number[] => []);
  for (const { offset, reads } of pixels) {
    for (const read of reads) pairs[read.tap].push(read.offset, offset);
  }
  const words: number[] = [];
  let at = 2 * taps;
  for (const list of pairs) {
    words.push(list.length / 2, at * FLOAT);
    at += list.length;
  }
  return { words: Int32Array.from([...words, ...pairs.flat()]), taps, run };
}

/** An output pixel and its reads; offsets in bytes. */
interface Pixel {
  readonly offset: number;
  readonly reads: readonly Read[];
}

interface Read {
  readonly tap: number;
  readonly offset: number;
}

/** Reads of each output pixel. Without padding the taps of a kernel row are contiguous and make one tap. */
function forwardReads(
  geometry: Geometry,
  images: number,
): { readonly taps: number; readonly run: number; readonly pixels: readonly Pixel[] } {
  const { kernel, pad, inputs, inputPitch = inputs } = geometry;
  const merged = pad === 0 && inputPitch === inputs;
  const columns = merged ? 1 : kernel;
  const map = pixelMap(geometry, images);
  const pixels: Pixel[] = [];
  for (let image = 0; image < images; image++) {
    for (let y = 0; y < map.height; y++) {
      for (let x = 0; x < map.width; x++) {
        const reads: Read[] = [];
        for (let ky = 0; ky < kernel; ky++) {
          for (let kx = 0; kx < columns; kx++) {
            const offset = map.input(image, y * geometry.stride + ky - pad, x * geometry.stride + kx - pad);
            if (offset !== undefined) reads.push({ tap: ky * columns + kx, offset });
          }
        }
        pixels.push({ offset: map.output(image, y, x), reads });
      }
    }
  }
  return { taps: kernel * columns, run: inputs * (merged ? kernel : 1), pixels };
}

/** Functions from coordinates to byte offsets of pixels. */
function pixelMap(geometry: Geometry, images: number) {
  const { kernel, stride, pad, inputs, outputs, inputPitch = inputs, outputPitch = outputs } = geometry;
  const [height, width] = [outputSize(geometry.height, geometry), outputSize(geometry.width, geometry)];
  if (
    images * Math.max(geometry.height * geometry.width * inputPitch, height * width * outputPitch) >= 2 ** 29
  ) {
    throw new RangeError(
      `Cannot plan a convolution over ${images} images of ${geometry.height} × ${geometry.width} pixels with ` +
        `${inputPitch} channels: an offset exceeds 2 GiB, use fewer images at a time`,
    );
  }
  const output = (image: number, y: number, x: number) =>
    ((image * height + y) * width + x) * outputPitch * FLOAT;
  return {
    height,
    width,
    output,
    /** Undefined outside the image. */
    input: (image: number, y: number, x: number): number | undefined =>
      y < 0 || x < 0 || y >= geometry.height || x >= geometry.width
        ? undefined
        : ((image * geometry.height + y) * geometry.width + x) * inputPitch * FLOAT,
    /** The output pixel that reads input (y, x) through tap (ky, kx), if there is one. */
    reader(
      image: number,
      at: { readonly y: number; readonly x: number; readonly ky: number; readonly kx: number },
    ) {
      const [down, right] = [at.y + pad - at.ky, at.x + pad - at.kx];
      if (down < 0 || right < 0 || down % stride !== 0 || right % stride !== 0) return undefined;
      const [y, x] = [down / stride, right / stride];
      return y < height && x < width && at.ky < kernel ? output(image, y, x) : undefined;
    },
  };
}

/** Groups pixels with the same taps into tiles of five; a group's last pixel is repeated to fill its tile. */
function tiles(pixels: readonly Pixel[]): { readonly words: Int32Array; readonly classes: number } {
  const classes = new Map<string, Pixel[]>();
  for (const pixel of pixels) {
    const signature = pixel.reads.map((read) => read.tap).join();
    const members = classes.get(signature);
    if (members) members.push(pixel);
    else classes.set(signature, [pixel]);
  }
  const words: number[] = [];
  for (const members of classes.values()) {
    const used = members[0].reads.map((read) => read.tap);
    words.push(used.length, Math.ceil(members.length / TILE), ...used);
    for (let first = 0; first < members.length; first += TILE) {
      const tile = Array.from({ length: TILE }, (_, i) => members[Math.min(first + i, members.length - 1)]);
      for (const pixel of tile) words.push(pixel.offset);
      for (const index of used.keys()) for (const pixel of tile) words.push(pixel.reads[index].offset);
    }
  }
  return { words: Int32Array.from(words), classes: classes.size };
}
