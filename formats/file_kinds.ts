/**
 * Kind of a file by its first bytes, not its name: for messages about files of the wrong kind.
 *
 * @module
 */

/** Number of bytes at the beginning of a file that decide its kind. */
export const HEAD_BYTES = 1024;

interface Kind {
  /** Name with its article: `a JPEG`. */
  readonly name: string;
  readonly at?: number;
  /** First bytes, in Latin-1. */
  readonly starts: string;
}

/** Kinds; the first that matches counts. */
const KINDS: readonly Kind[] = [
  { name: "a PNG", starts: "\x89PNG\r\n\x1a\n" },
  { name: "a PNG whose line ends were changed on the way, as by a transfer of text", starts: "\x89PNG" },
  { name: "a JPEG", starts: "\xff\xd8\xff" },
  { name: "a GIF", starts: "GIF8" },
  { name: "a WebP", at: 8, starts: "WEBP" },
  { name: "a BMP", starts: "BM" },
  { name: "a TIFF (or a camera's raw picture)", starts: "II*\0" },
  { name: "a TIFF (or a camera's raw picture)", starts: "MM\0*" },
  ...["heic", "heix", "heim", "hevc"].map((brand) => ({ name: "a HEIC", at: 4, starts: `ftyp${brand}` })),
  ...["mif1", "msf1"].map((brand) => ({ name: "a HEIC or AVIF", at: 4, starts: `ftyp${brand}` })),
  { name: "an AVIF", at: 4, starts: "ftypavif" },
  { name: "an AVIF", at: 4, starts: "ftypavis" },
  { name: "a film (MP4 or QuickTime)", at: 4, starts: "ftyp" },
  { name: "a JPEG XL", starts: "\xff\x0a" },
  { name: "a JPEG XL", at: 4, starts: "JXL " },
  { name: "a JPEG 2000", at: 4, starts: "jP  " },
  { name: "an icon (ICO)", starts: "\0\0\x01\0" },
  { name: "a Photoshop file", starts: "8BPS" },
  { name: "a PDF", starts: "%PDF" },
  { name: "a zip file", starts: "PK\x03\x04" },
  { name: "a zip file", starts: "PK\x05\x06" },
  { name: "a gzip file", starts: "\x1f\x8b" },
  { name: "a bzip2 file", starts: "BZh" },
  { name: "an xz file", starts: "\xfd7zXZ\0" },
  { name: "a Zstandard file", starts: "\x28\xb5\x2f\xfd" },
  { name: "a 7-Zip file", starts: "7z\xbc\xaf\x27\x1c" },
  { name: "a RAR file", starts: "Rar!" },
  { name: "a MATLAB file", starts: "MATLAB" },
  { name: "an HDF5 file", starts: "\x89HDF" },
  { name: "a NumPy array", starts: "\x93NUMPY" },
  { name: "a Python pickle", starts: "\x80\x02" },
  { name: "a Python pickle", starts: "\x80\x03" },
  { name: "a Python pickle", starts: "\x80\x04" },
  { name: "a Python pickle", starts: "\x80\x05" },
  { name: "a pointer of Git LFS, not the file itself", starts: "version https://git-lfs" },
];

/** Kind by name: `a JPEG`, `a web page (HTML)`, `text`; undefined for an unknown beginning. */
export function kindOf(head: Uint8Array): string | undefined {
  if (head.length === 0) return "empty";
  const latin = Array.from(head.subarray(0, HEAD_BYTES), (byte) => String.fromCharCode(byte)).join("");
  if (isTarHeader(head)) return "a tar file";
  return KINDS.find(({ at = 0, starts }) => latin.startsWith(starts, at))?.name ?? textKind(latin);
}

const CHECKSUM = { from: 148, to: 156 };

/** True for a tar header: 512 bytes with their own checksum, whose field counts as spaces. */
function isTarHeader(head: Uint8Array): boolean {
  const header = head.slice(0, 512);
  const field = new TextDecoder().decode(header.subarray(CHECKSUM.from, CHECKSUM.to));
  const stated = parseInt(field.trim(), 8);
  header.fill(0x20, CHECKSUM.from, CHECKSUM.to);
  return header.length === 512 && stated === header.reduce((sum, byte) => sum + byte, 0);
}

function textKind(latin: string): string | undefined {
  const text = latin.replace(/^\xef\xbb\xbf/, "").trimStart().toLowerCase();
  if (/^<(!doctype html|html|head|body|!--)/.test(text)) return "a web page (HTML)";
  if (/^(<\?xml[^>]*>\s*)?(<!--[^]*?-->\s*)?(<!doctype svg[^>]*>\s*)?<svg/.test(text)) return "an SVG";
  if (/^[{[]/.test(text) && isText(latin)) return "JSON";
  return isText(latin) ? "text" : undefined;
}

function isText(latin: string): boolean {
  // deno-lint-ignore no-control-regex -- what no text has
  return !/[\x00-\x08\x0e-\x1a\x1c-\x1f]/.test(latin);
}

/** Kind of a path that is not a file: `a folder`, `a named pipe`; undefined for a file. */
export function otherThanFile(info: Deno.FileInfo): string | undefined {
  if (info.isFile) return undefined;
  if (info.isDirectory) return "a folder";
  if (info.isFifo) return "a named pipe";
  return info.isSocket ? "a socket" : "a device";
}
