/**
 * PNG pictures of 8-bit RGB or RGBA pixels. pngjs decodes. Encoding is our own container around fflate's
 * deflate: the runtime's zlib chooses its matches by the processor's instructions, while plain JavaScript
 * gives the same bytes for the same pixels on every machine.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { crc32, inflateSync } from "node:zlib";
import { zlibSync } from "fflate";
import { PNG } from "pngjs";
import { concat } from "./bytes.ts";

/** Pixels [height, width, channels], row-major, sRGB 0–255; 3 channels, or 4 with alpha. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  readonly data: Uint8Array;
}

/** Result of pngjs, which has no types of its own: RGBA. */
interface Decoded {
  readonly width: number;
  readonly height: number;
  readonly alpha: boolean;
  readonly data: Uint8Array;
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const BIT_DEPTH = 8;
const COLOR_TYPES = { 3: 2, 4: 6 } as const;
const PAETH = 4;

/** Encodes a picture; throws a RangeError if its size does not fit its pixels. */
export function encodePng(picture: Picture): Uint8Array<ArrayBuffer> {
  const { width, height, channels, data } = picture;
  if (data.length !== width * height * channels) {
    throw new RangeError(
      `Cannot encode a picture of ${width}×${height} pixels: got ${data.length} bytes, ` +
        `expected ${width * height * channels}`,
    );
  }
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([BIT_DEPTH, COLOR_TYPES[channels]], 8);
  return concat([
    new Uint8Array(SIGNATURE),
    chunk("IHDR", header),
    chunk("IDAT", zlibSync(filter(picture), { level: 9 })),
    chunk("IEND", new Uint8Array()),
  ]);
}

/** Decodes any PNG to 8-bit pixels. Opaque pictures give 3 channels unless `channels` is given. */
export function decodePng(bytes: Uint8Array, options: { readonly channels?: 3 | 4 } = {}): Picture {
  let png: Decoded;
  try {
    checkWhole(bytes);
    png = PNG.sync.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (cause) {
    const found = cause instanceof Error ? ` (${cause.message})` : "";
    throw new Error(`Cannot decode picture: it is no whole PNG file${found}, make or fetch it anew`, {
      cause,
    });
  }
  const { width, height, data } = png;
  const channels = options.channels ?? (png.alpha ? 4 : 3);
  if (channels === 4) return { width, height, channels, data: new Uint8Array(data) };
  const rgb = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; from < data.length; from += 4) {
    rgb[to++] = data[from];
    rgb[to++] = data[from + 1];
    rgb[to++] = data[from + 2];
  }
  return { width, height, channels, data: rgb };
}

/** Writes a picture as a file. */
export async function writePng(path: string, picture: Picture): Promise<void> {
  await Deno.writeFile(path, encodePng(picture));
}

/** Pixels that are decoded at most: a forged header must not take all memory. */
const MAX_PIXELS = 1 << 27;
/** Number of samples of a pixel, by colour type. */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Checks what pngjs does not check: no bytes after the end, and all pixels present and undamaged. */
function checkWhole(bytes: Uint8Array): void {
  const parts: Uint8Array[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let type = "", at = SIGNATURE.length;
  while (type !== "IEND") {
    if (at + 12 > bytes.length) throw new Error("it ends early");
    const length = view.getUint32(at);
    if (at + 12 + length > bytes.length) throw new Error("it ends early");
    type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (type === "IDAT") parts.push(bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  if (at !== bytes.length) throw new Error(`${bytes.length - at} bytes follow its end`);
  const size = inflatedSize(view);
  const inflated = inflateSync(concat(parts), { maxOutputLength: size.most + 1 });
  if (inflated.length < size.least || inflated.length > size.most) {
    throw new Error("its size is not that of its pixels");
  }
}

/** Bytes of the filtered rows: an interlaced picture has more and shorter rows. */
function inflatedSize(view: DataView): { readonly least: number; readonly most: number } {
  const [width, height, depth, colour, interlaced] = [
    view.getUint32(16),
    view.getUint32(20),
    view.getUint8(24),
    view.getUint8(25),
    view.getUint8(28),
  ];
  const samples = SAMPLES[colour];
  if (samples === undefined || width * height > MAX_PIXELS) {
    throw new Error(`its header says ${width} × ${height} pixels of type ${colour}`);
  }
  const least = height * (1 + Math.ceil(width * samples * depth / 8));
  return { least, most: interlaced === 0 ? least : 3 * least + 64 };
}

/** A chunk: length, type, data, CRC of type and data. */
export function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(data.length + 8, crc32(bytes.subarray(4, data.length + 8)));
  return bytes;
}

/** Rows, each after its filter type, as bytes less Paeth's prediction: small numbers that compress well. */
function filter({ width, height, channels, data }: Picture): Uint8Array {
  const stride = width * channels;
  const filtered = new Uint8Array(height * (stride + 1));
  for (let y = 0, from = 0, to = 0; y < height; y++) {
    filtered[to++] = PAETH;
    for (let x = 0; x < stride; x++, from++) {
      const left = x < channels ? 0 : data[from - channels];
      const up = y === 0 ? 0 : data[from - stride];
      const corner = x < channels || y === 0 ? 0 : data[from - stride - channels];
      filtered[to++] = data[from] - paeth(left, up, corner);
    }
  }
  return filtered;
}

/** Paeth's predictor: the neighbour nearest to left + up − corner (PNG specification, section 9.4). */
function paeth(left: number, up: number, corner: number): number {
  const toLeft = Math.abs(up - corner);
  const toUp = Math.abs(left - corner);
  const toCorner = Math.abs(left + up - 2 * corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}
