/**
 * Reads zip files of the form in `zip_layout.ts` and no other. Every byte outside the contents is compared
 * with the one that names, sizes and checksums imply, so headers hide nothing and no content expands.
 *
 * @module
 */
import { fill } from "../base/files.ts";
import { foundInstead, openPlainFile } from "./found_format.ts";
import { LARGEST_DIRECTORY, MOST_FILES } from "../base/limits.ts";
import { ArchiveError, checkNames } from "../base/file_names.ts";
import {
  CENTRAL_BYTES,
  centralHeader,
  END_BYTES,
  ending,
  LOCAL_BYTES,
  localHeader,
  type ZipEntry,
} from "./zip_layout.ts";

/** A file in the zip. */
export interface Packed extends ZipEntry {
  /** Position of the contents, bytes from the start of the zip. */
  readonly start: number;
}

export class ZipFile implements Disposable {
  readonly entries: readonly Packed[];
  readonly #file: Deno.FsFile;

  private constructor(file: Deno.FsFile, entries: readonly Packed[]) {
    this.#file = file;
    this.entries = entries;
  }

  /** Opens a zip. Throws an ArchiveError that names the first part that is wrong. */
  static async open(path: string): Promise<ZipFile> {
    const file = await openPlainFile(path);
    try {
      return new ZipFile(file, await readEntries(file));
    } catch (error) {
      const other = await foundInstead(file).finally(() => file.close());
      throw other === undefined ? error : new ArchiveError(`Cannot read the archive ${path}: ${other}`);
    }
  }

  /** Reads the contents in pieces; each piece is valid until the next one. */
  async *read({ start, bytes }: Packed): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const buffer = new Uint8Array(Math.min(bytes, 1 << 20));
    for (let done = 0; done < bytes;) {
      const piece = buffer.subarray(0, Math.min(buffer.length, bytes - done));
      await readAt(this.#file, start + done, piece);
      yield piece;
      done += piece.length;
    }
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

async function readEntries(file: Deno.FsFile): Promise<readonly Packed[]> {
  const { size } = await file.stat();
  if (size < END_BYTES) throw broken("the end of the file", "it is cut short, or no zip file");
  const end = new Uint8Array(END_BYTES);
  await readAt(file, size - END_BYTES, end);
  const view = new DataView(end.buffer);
  const entries = whole(view.getBigUint64(24, true));
  const directory = whole(view.getBigUint64(40, true));
  const offset = whole(view.getBigUint64(48, true));
  if (!isSame(end, ending({ entries, directory, offset })) || offset + directory + END_BYTES !== size) {
    throw broken("the end of the file", "sizes and positions are not those of this file");
  }
  if (directory > LARGEST_DIRECTORY || entries > MOST_FILES) {
    throw new ArchiveError(
      `Cannot accept the archive: its directory has ${entries} files in ${directory} bytes, ` +
        `expected at most ${MOST_FILES} in ${LARGEST_DIRECTORY}`,
    );
  }
  const bytes = new Uint8Array(directory);
  await readAt(file, offset, bytes);
  const found = readDirectory(bytes, entries);
  checkNames(found.map(({ name }) => name));
  await checkLayout(file, { found, directory: bytes, offset });
  return found;
}

/** Names, sizes and checksums from the directory; the positions of the contents follow from them. */
function readDirectory(bytes: Uint8Array<ArrayBuffer>, count: number): readonly Packed[] {
  const view = new DataView(bytes.buffer);
  const utf8 = new TextDecoder();
  const found: Packed[] = [];
  let [at, start] = [0, 0];
  for (let i = 0; i < count; i++) {
    const where = `entry ${i + 1} of the directory${found.length > 0 ? `, after ${found.at(-1)!.name}` : ""}`;
    if (at + CENTRAL_BYTES > bytes.length) throw broken(where, "it lies outside");
    const length = view.getUint16(at + 28, true);
    if (at + CENTRAL_BYTES + length > bytes.length) throw broken(where, "its name lies outside");
    const name = utf8.decode(bytes.subarray(at + 46, at + 46 + length));
    refuseLink(name, view.getUint32(at + 38, true));
    const size = whole(view.getBigUint64(at + 46 + length + 4, true));
    const extra = view.getUint16(at + 30, true);
    start += LOCAL_BYTES + length;
    found.push({ name, bytes: size, crc: view.getUint32(at + 16, true), start });
    start += size;
    at += 46 + length + extra;
  }
  return found;
}

/** Refuses symbolic links. The upper half of the attributes is the Unix file mode. */
function refuseLink(name: string, attributes: number): void {
  if ((attributes >>> 28) === 0xa) {
    throw new ArchiveError(`Cannot accept the archive: ${JSON.stringify(name)} is a link`);
  }
}

/** Compares every header with the canonical one, and the order of entries with the sorted order. */
async function checkLayout(
  file: Deno.FsFile,
  { found, directory, offset }: {
    readonly found: readonly Packed[];
    readonly directory: Uint8Array;
    readonly offset: number;
  },
): Promise<void> {
  let [at, end] = [0, 0];
  for (const [i, entry] of found.entries()) {
    if (i > 0 && entry.name <= found[i - 1].name) {
      throw broken(`the directory's entry of ${entry.name}`, "entries are not sorted by name");
    }
    const local = localHeader(entry);
    const begin = entry.start - local.length;
    const central = centralHeader(entry, begin);
    if (!isSame(directory.subarray(at, at + central.length), central)) {
      throw broken(`the directory's entry of ${entry.name}`, "it is not the canonical one of a stored file");
    }
    if (entry.start + entry.bytes > offset) throw broken(entry.name, "its size is wrong, it lies outside");
    const there = new Uint8Array(local.length);
    await readAt(file, begin, there);
    if (!isSame(there, local)) {
      throw broken(`the header of ${entry.name}`, "it does not match the directory's entry");
    }
    at += central.length;
    end = entry.start + entry.bytes;
  }
  if (at !== directory.length) throw broken("the directory", "bytes follow its last entry");
  if (end !== offset) throw broken("the directory", "bytes lie between the last file and it");
}

async function readAt(file: Deno.FsFile, position: number, into: Uint8Array): Promise<void> {
  await file.seek(position, Deno.SeekMode.Start);
  if (await fill(file, into) < into.length) throw broken("the end of the file", "it is cut short");
}

function whole(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw broken("a size", `it is ${value} bytes`);
  return Number(value);
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function broken(where: string, what: string): ArchiveError {
  return new ArchiveError(
    `Cannot read the archive: ${where} is damaged or not canonical (${what}), download or copy it again`,
  );
}
