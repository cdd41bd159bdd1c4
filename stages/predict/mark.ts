/**
 * The mark by which a picture of `predict` is told from pictures of the user's: a text chunk behind the PNG's header.
 *
 * Source: PNG specification, sections 5.3 and 11.3.3.2.
 *
 * @module
 */
import { crc32 } from "node:zlib";

/** Where the chunks behind the header begin. */
const BEHIND_HEADER = 8 + 25;

const MARK = textChunk("Software", "TreeNet predict");

/** Bytes from the start of a file that tell whether it has the mark. */
export const MARKED_BYTES = BEHIND_HEADER + MARK.length;

/** A PNG with the mark. */
export function marked(png: Uint8Array): Uint8Array {
  return concat([png.subarray(0, BEHIND_HEADER), MARK, png.subarray(BEHIND_HEADER)]);
}

/** Whether the first bytes of a file are those of a picture with the mark. */
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
