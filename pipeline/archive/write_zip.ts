/**
 * Writes zip files in the form of `zip_layout.ts` as a stream: memory holds only names and sizes.
 *
 * @module
 */
import { configure, ZipWriter } from "@zip.js/zip.js";
import type { ZipEntry } from "./zip_layout.ts";

/** A file to pack. */
export interface ZipSource extends ZipEntry {
  readonly open: () => Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
}

/** Options that make zip.js write our one form. */
const FORM = {
  keepOrder: true,
  passThrough: "compressed",
  compressionMethod: 0,
  zip64: true,
  dataDescriptor: false,
  extendedTimestamp: false,
  useUnicodeFileNames: true,
  versionMadeBy: 45,
  msDosCompatible: true,
  externalFileAttributes: 0,
  lastModDate: new Date(1980, 0, 1),
} as const;

/** Writes sorted entries. Checksums and sizes must be right, as they precede the contents. */
export async function writeZip(
  to: WritableStream<Uint8Array<ArrayBuffer>>,
  entries: readonly ZipSource[],
): Promise<void> {
  configure({ useWebWorkers: false });
  const writer = new ZipWriter(to, FORM);
  for (const { name, bytes, crc, open } of entries) {
    // With a known size, zip.js passes the bytes through without a buffer.
    const reader = { readable: await open(), size: bytes };
    await writer.add(name, reader, { uncompressedSize: bytes, crc32: crc });
  }
  await writer.close();
}
