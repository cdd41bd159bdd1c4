/**
 * The one form of our zip files: entries sorted by name, stored, zip64 sizes in every header, no times, no
 * comments, nothing between the parts. Names, sizes and checksums determine every byte outside the contents.
 *
 * Source: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3.7 to 4.3.16.
 *
 * @module
 */

/** The fields of a file's headers. */
export interface ZipEntry {
  /** `/`-separated. */
  readonly name: string;
  readonly bytes: number;
  /** CRC-32 of the contents. */
  readonly crc: number;
}

/** Sizes of the parts without their names, bytes. */
export const LOCAL_BYTES = 30 + 20;
export const CENTRAL_BYTES = 46 + 20;
export const END_BYTES = 56 + 20 + 22;

const VERSION = 45; // the first with zip64
const UTF8 = 0x0800; // general purpose flag: names are UTF-8
const DATE = 0x21; // 1980-01-01, the first there is
const IN_ZIP64 = 0xffffffff;

const utf8 = new TextEncoder();

/** The header in front of a file's contents. */
export function localHeader({ name, bytes, crc }: ZipEntry): Uint8Array<ArrayBuffer> {
  const text = utf8.encode(name);
  return new Fields(LOCAL_BYTES + text.length)
    .u32(0x04034b50).u16(VERSION).u16(UTF8).u16(0).u16(0).u16(DATE).u32(crc).u32(IN_ZIP64).u32(IN_ZIP64)
    .u16(text.length).u16(20).raw(text)
    .u16(1).u16(16).u64(bytes).u64(bytes).bytes;
}

/** The file's entry in the directory at the end; `offset` is the position of its local header, bytes. */
export function centralHeader(
  { name, bytes, crc }: ZipEntry,
  offset: number,
): Uint8Array<ArrayBuffer> {
  const text = utf8.encode(name);
  const isFar = offset >= IN_ZIP64;
  const extra = isFar ? 24 : 16;
  const fields = new Fields(CENTRAL_BYTES + (isFar ? 8 : 0) + text.length)
    .u32(0x02014b50).u16(VERSION).u16(VERSION).u16(UTF8).u16(0).u16(0).u16(DATE).u32(crc)
    .u32(IN_ZIP64).u32(IN_ZIP64).u16(text.length).u16(4 + extra).u16(0).u16(0).u16(0).u32(0)
    .u32(isFar ? IN_ZIP64 : offset).raw(text).u16(1).u16(extra).u64(bytes).u64(bytes);
  return (isFar ? fields.u64(offset) : fields).bytes;
}

/** The end of the zip: zip64 end of directory, its locator, and the old end of directory. */
export function ending(
  { entries, directory, offset }: {
    readonly entries: number;
    /** Size of the directory, bytes. */
    readonly directory: number;
    /** Position of the directory, bytes from the start of the zip. */
    readonly offset: number;
  },
): Uint8Array<ArrayBuffer> {
  return new Fields(END_BYTES)
    .u32(0x06064b50).u64(44).u16(VERSION).u16(VERSION).u32(0).u32(0).u64(entries).u64(entries)
    .u64(directory).u64(offset)
    .u32(0x07064b50).u32(0).u64(offset + directory).u32(1)
    .u32(0x06054b50).u16(0xffff).u16(0xffff).u16(0xffff).u16(0xffff).u32(IN_ZIP64).u32(IN_ZIP64).u16(0).bytes;
}

/** Little-endian fields, one after the other. */
class Fields {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  #at = 0;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
    this.#view = new DataView(this.bytes.buffer);
  }

  u16(value: number): this {
    this.#view.setUint16(this.#at, value, true);
    this.#at += 2;
    return this;
  }

  u32(value: number): this {
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
    return this;
  }

  u64(value: number): this {
    this.#view.setBigUint64(this.#at, BigInt(value), true);
    this.#at += 8;
    return this;
  }

  raw(bytes: Uint8Array): this {
    this.bytes.set(bytes, this.#at);
    this.#at += bytes.length;
    return this;
  }
}
