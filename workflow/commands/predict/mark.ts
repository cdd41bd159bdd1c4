/**
 * The mark that tells a picture of `predict` from the user's pictures: a text chunk after the PNG's header.
 *
 * Source: PNG specification, sections 5.3 and 11.3.3.2.
 *
 * @module
 */
import { concat } from "../../../formats/bytes.ts";
import { chunk } from "../../../formats/png.ts";

/** Byte at which the chunks after the header begin. */
const BEHIND_HEADER = 8 + 25;

const MARK = chunk("tEXt", new TextEncoder().encode("Software\0TreeNet predict"));

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
