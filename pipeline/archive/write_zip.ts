/**
 * Writes zip files in the form of `zip_layout.ts`, as a stream: nothing is held in memory but names and sizes.
 *
 * @module
 */
import { configure, ZipWriter } from "@zip.js/zip.js";
import type { ZipEntry } from "./zip_layout.ts";

/** A file to pack. */
export interface ZipSource extends ZipEntry {
  readonly open: () => Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
}

/** What makes zip.js write our one form. */
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

/** Writes sorted entries. Checksums and sizes must be right: they are written before the contents are read. */
export async function writeZip(
  to: WritableStream<Uint8Array<ArrayBuffer>>,
  entries: readonly ZipSource[],
): Promise<void> {
  configure({ useWebWorkers: false });
  const writer = new ZipWriter(to, FORM);
  for (const { name, bytes, crc, open } of entries) {
    // With a size that is known beforehand zip.js passes the bytes through and buffers nothing.
    const reader = { readable: await open(), size: bytes };
    await writer.add(name, reader, { uncompressedSize: bytes, crc32: crc });
  }
  await writer.close();
}
