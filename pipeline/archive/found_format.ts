// deno-lint-ignore-file no-control-regex
/**
 * Describes a file that was given as an archive and is none, and says what to do.
 *
 * @module
 */
import { fill } from "../base/files.ts";
import { ArchiveError } from "../base/file_names.ts";
import { END_BYTES } from "./zip_layout.ts";

const WANTED = "expected the .zip file that deno task archive made";
const AGAIN = "download or copy it again, as it was published";

/** Opens a file. Throws an ArchiveError with the path for folders, devices and pipes, never opening them. */
export async function openPlainFile(path: string): Promise<Deno.FsFile> {
  const refused = (why: string) => new ArchiveError(`Cannot read the archive ${path}: ${why}`);
  try {
    const { isFile, isDirectory } = await Deno.stat(path);
    if (isDirectory) {
      throw refused(
        `it is a folder, ${WANTED}; an archive that is already unpacked is run with deno task in data/repository`,
      );
    }
    if (!isFile) throw refused(`it is a pipe, a socket or a device, ${WANTED}`);
    return await Deno.open(path, { read: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      throw refused(`there is no such file, ${WANTED}`);
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      throw refused("it may not be read, change its permissions (chmod u+r) or copy it");
    }
    throw error;
  }
}

/** First bytes of files that are often mistaken for an archive. */
const FORMATS: readonly (readonly [RegExp, string])[] = [
  [/^\x1f\x8b/, "a gzip file"],
  [/^BZh/, "a bzip2 file"],
  [/^\xfd7zXZ/, "an xz file"],
  [/^7z\xbc\xaf/, "a 7z file"],
  [/^Rar!/, "a RAR file"],
  [/^\x28\xb5\x2f\xfd/, "a zstd file"],
  [/^%PDF/, "a PDF"],
  [/^[^]{257}ustar/, "a tar file"],
  [/^(\xef\xbb\xbf)?\s*<(!doctype html|html|head|body|!--)/i, "a web page (perhaps of a log-in or an error)"],
  [/^version https:\/\/git-lfs/, "a pointer of Git LFS, not the file itself"],
  [/^(\xef\xbb\xbf)?[\t\n\r\x20-\x7e\x80-\xff]+$/, "a text"],
];

/** Description of a file that is no archive of ours, with the next step; undefined for a damaged archive. */
export async function foundInstead(file: Deno.FsFile): Promise<string | undefined> {
  const { size } = await file.stat();
  if (size === 0) return `it is empty (0 bytes), ${AGAIN}`;
  const head = await bytesAt(file, { from: 0, length: 512 });
  const format = FORMATS.find(([pattern]) => pattern.test(head))?.[1];
  if (format !== undefined) return `it is ${format}, ${WANTED}`;
  if (!head.startsWith("PK")) return `it is of no format known here, ${WANTED}`;
  const tail = await bytesAt(file, {
    from: Math.max(0, size - END_BYTES - 0xffff),
    length: END_BYTES + 0xffff,
  });
  if (!tail.includes("PK\x05\x06")) return `it is a zip file that is cut short after ${size} bytes, ${AGAIN}`;
  if (HEAD.test(head) || END.test(tail)) return undefined;
  return "it is a zip file of another tool: an archive that was unpacked and packed again cannot be checked as a " +
    "whole; take the file as it was published, or unpack this one and run deno task in data/repository";
}

/** The beginning of `localHeader` and the end of `ending`: one damaged byte leaves one of them intact. */
const HEAD = /^PK\x03\x04\x2d\x00\x00\x08\x00\x00\x00\x00\x21\x00/;
const END = /PK\x05\x06\xff{16}\x00\x00$/;

/** Reads bytes as a string of characters with the same codes. */
async function bytesAt(
  file: Deno.FsFile,
  { from, length }: { readonly from: number; readonly length: number },
): Promise<string> {
  const bytes = new Uint8Array(length);
  await file.seek(from, Deno.SeekMode.Start);
  const done = await fill(file, bytes);
  return Array.from(bytes.subarray(0, done), (byte) => String.fromCharCode(byte)).join("");
}
