/**
 * The mark that tells a picture of `predict` from the user's pictures: a text chunk after the PNG's header.
 *
 * Source: PNG specification, sections 5.3 and 11.3.3.2.
 *
 * @module
 */
import { crc32 } from "node:zlib";

/** Byte at which the chunks after the header begin. */
const BEHIND_HEADER = 8 + 25;

const MARK = textChunk("Software", "TreeNet predict");

/** Number of bytes at the start of a file that show the mark. */
export const MARKED_BYTES = BEHIND_HEADER + MARK.length;

/** Adds the mark to a PNG. */
export function marked(png: Uint8Array): Uint8Array {
  return concat([png.subarray(0, BEHIND_HEADER), MARK, png.subarray(BEHIND_HEADER)]);
}

/** True if a file with these first bytes has the mark. */
export function isMarked(start: Uint8Array): boolean {
  return start.length >= MARKED_BYTES && MARK.every((byte, i) => start[BEHIND_HEADER + i] === byte);
}

function textChunk(keyword: string, text: string): Uint8Array {
  const data = new TextEncoder().encode(`tEXt${keyword}\0${text}`);
  return concat([uint32(data.length - 4), data, uint32(crc32(data))]);
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
