/**
 * A user's PNG, from any program. Faults that viewers ignore are ignored; other kinds of files are named.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import { concat } from "../../../formats/bytes.ts";
import { HEAD_BYTES, kindOf, otherThanFile } from "../../../formats/file_kinds.ts";
import { chunk, decodePng, type Picture } from "../../../formats/png.ts";

/** Largest number of pixels decoded: a picture of 8,192 × 8,192. */
const MAX_PIXELS = 2 ** 26;
/** Largest number of bytes of unpacked rows: that many pixels with transparency. */
const MAX_BYTES = 4 * MAX_PIXELS;

const SIGNATURE = 8; // bytes
const FRAME = 12; // bytes of a chunk around its data
/** Chunks that a picture needs; all others are remarks, which may be wrong without harm. */
const NEEDED = ["IHDR", "PLTE", "IDAT", "IEND"];
/** The only other chunk that changes pixels. */
const TRANSPARENCY = "tRNS";
/** Bytes of that chunk, by colour type. */
const TRANSPARENT_BYTES: Readonly<Record<number, number>> = { 0: 2, 2: 6 };
const PALETTE = 3; // colour type
const COLOURS = 256; // of a palette at most

/** Samples of a pixel and the possible bits of a sample, by colour type. */
const PIXELS: Readonly<Record<number, { readonly samples: number; readonly depths: readonly number[] }>> = {
  0: { samples: 1, depths: [1, 2, 4, 8, 16] },
  2: { samples: 3, depths: [8, 16] },
  3: { samples: 1, depths: [1, 2, 4, 8] },
  4: { samples: 2, depths: [8, 16] },
  6: { samples: 4, depths: [8, 16] },
};

/** Reads a picture with alpha. Throws an Error that names the kind of the file and the next step. */
export async function readUserPng(path: string): Promise<Picture> {
  const fail = (found: string, next: string, cause?: unknown) =>
    new Error(`Cannot read picture ${path}: ${found}, ${next}`, { cause });
  const bytes = await readBounded(path, fail);
  const kind = kindOf(bytes.subarray(0, HEAD_BYTES));
  if (kind !== "a PNG") throw fail(`it is ${kind ?? "of an unknown kind"}`, adviceFor(kind, path));
  try {
    return decodePng(tidied(bytes), { channels: 4 });
  } catch (error) {
    const found = error instanceof Untidy ? error.message : `its pixels are damaged${reasonOf(error)}`;
    throw fail(`it is a PNG, but ${found}`, "save it anew in another program, or take another picture");
  }
}

/** Fault of a PNG, in words to follow "but". */
class Untidy extends Error {}

/** Reads a regular file of limited size: a pipe could wait forever, and a device has no end. */
async function readBounded(
  path: string,
  fail: (found: string, next: string, cause?: unknown) => Error,
): Promise<Uint8Array> {
  const info = await Deno.stat(path).catch((cause) => {
    if (cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory) {
      if (/^[a-z]+:\/\//i.test(path)) {
        throw fail("it is a URL", "save the picture and give the path of that file");
      }
      throw fail("there is no such file", "give the path of a PNG");
    }
    throw fail("it cannot be opened", "give the path of a PNG that may be read", cause);
  });
  const other = otherThanFile(info);
  if (other !== undefined) throw fail(`it is ${other}`, "give the path of a PNG");
  if (info.size > MAX_BYTES) {
    throw fail(`it has ${info.size} bytes, expected at most ${MAX_BYTES}`, "make the picture smaller");
  }
  return await Deno.readFile(path).catch((cause) => {
    throw fail("it cannot be opened", "give the path of a PNG that may be read", cause);
  });
}

function adviceFor(kind: string | undefined, path: string): string {
  if (kind === undefined || !/^an? (JPEG|GIF|WebP|BMP|TIFF|HEIC|AVIF|icon|Photoshop|SVG|PDF)/.test(kind)) {
    return "expected a PNG";
  }
  const target = `${path.replace(/\.[^./\\]*$/, "")}-converted.png`;
  return `expected a PNG: convert it, for example with "magick ${quoted(path)} ${quoted(target)}"`;
}

/** Quotes a path for a shell. */
function quoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}

function reasonOf(error: unknown): string {
  const { cause } = error as { readonly cause?: unknown };
  if ((cause as { readonly code?: string })?.code === "ERR_BUFFER_TOO_LARGE") {
    return " (there are more of them than its header says)";
  }
  return cause instanceof Error ? ` (${cause.message})` : "";
}

interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
}

/** Keeps only the chunks that make the picture, checked so that decoding takes only the memory expected. */
function tidied(bytes: Uint8Array): Uint8Array {
  const chunks = [...chunksOf(bytes)];
  const [header] = chunks;
  if (header?.type !== "IHDR" || header.data.length !== 13) throw new Untidy("it begins without a header");
  const view = new DataView(header.data.buffer, header.data.byteOffset);
  const colour = view.getUint8(9);
  checkSize([view.getUint32(0), view.getUint32(4)], { depth: view.getUint8(8), colour });
  if (!chunks.some(({ type }) => type === "IDAT")) throw new Untidy("it holds no pixels");
  const parts = chunks.filter(({ type, data }) =>
    type === TRANSPARENCY
      ? colour === PALETTE ? data.length <= COLOURS : data.length === TRANSPARENT_BYTES[colour]
      : NEEDED.includes(type) && type !== "IEND"
  ).map((chunk) => chunk.type === "PLTE" && colour === PALETTE ? wholePalette(chunk) : chunk);
  const written = [...parts, { type: "IEND", data: new Uint8Array() }].map(({ type, data }) =>
    chunk(type, data)
  );
  return concat([bytes.subarray(0, SIGNATURE), ...written]);
}

/** Chunks up to the end, or to a cut after the pixels. Throws where a needed chunk is cut or damaged. */
function* chunksOf(bytes: Uint8Array): Generator<Chunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = SIGNATURE, type = ""; type !== "IEND" && at < bytes.length;) {
    if (at + 8 > bytes.length) return;
    const length = view.getUint32(at);
    type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const missing = at + FRAME + length - bytes.length;
    if (missing > 0) {
      if (type !== "IDAT" && type !== "IHDR" && type !== "PLTE") return;
      throw new Untidy(`it is cut short: at least ${missing} bytes are missing after ${bytes.length}`);
    }
    const end = at + 8 + length;
    const isNeeded = type[0] === type[0].toUpperCase();
    const isSound = crc32(bytes.subarray(at + 4, end)) === view.getUint32(end);
    if (isNeeded && !isSound) throw new Untidy(`its bytes ${at} to ${end + 4} are damaged`);
    if (isNeeded && !NEEDED.includes(type)) {
      throw new Untidy(`it has a part ${JSON.stringify(type)} of no standard`);
    }
    if (isSound) yield { type, data: bytes.subarray(at + 8, end) };
    at = end + 4;
  }
}

function checkSize(
  [width, height]: readonly [number, number],
  { depth, colour }: { readonly depth: number; readonly colour: number },
): void {
  const { samples, depths } = PIXELS[colour] ?? { samples: 0, depths: [] };
  if (width === 0 || height === 0 || !depths.includes(depth)) {
    throw new Untidy(
      `its header says ${width} × ${height} pixels of colour type ${colour} and ${depth} bits, which there is not`,
    );
  }
  const bytes = height * (1 + Math.ceil(width * samples * depth / 8));
  if (width * height <= MAX_PIXELS && bytes <= MAX_BYTES) return;
  throw new Untidy(`it has ${width} × ${height} pixels, expected at most ${MAX_PIXELS} in all`);
}

/** Palette of 256 colours: like viewers, it shows missing colours as black. */
function wholePalette({ type, data }: Chunk): Chunk {
  const whole = new Uint8Array(3 * COLOURS);
  whole.set(data.subarray(0, whole.length));
  return { type, data: whole };
}
