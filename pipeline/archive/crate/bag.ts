/**
 * BagIt 1.0 (RFC 8493): writes and reads the files around the payload.
 *
 * @module
 */
import { ArchiveError } from "../../base/file_names.ts";
import { fileOf, type PayloadFile } from "../payload.ts";
import type { Digest } from "../../stage.ts";

/** Name → SHA-256. */
export type Manifest = ReadonlyMap<string, Digest>;

/** Folder of the payload. */
export const PAYLOAD = "data/";

/** Tag files that must exist; nothing else may lie beside the payload. */
export const TAGS = ["bag-info.txt", "bagit.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"] as const;

export const BAGIT_TXT = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/** A bag ready to be packed. */
export interface Bag {
  /** Names within the bag, sorted. */
  readonly files: readonly PayloadFile[];
  /** SHA-256 of the tag manifest, which covers the whole bag. */
  readonly digest: Digest;
}

/** Puts a bag around a payload. `info` holds the lines of bag-info.txt. */
export function bagOf(
  payload: readonly PayloadFile[],
  info: Readonly<Record<string, string>>,
): Bag {
  const data = payload.map((file) => ({ ...file, name: PAYLOAD + file.name })).sort(byName);
  const total = data.reduce((sum, { bytes }) => sum + bytes, 0);
  const lines = { ...info, "Payload-Oxum": `${total}.${data.length}` };
  const tags = [
    fileOf(Object.entries(lines).map(([name, value]) => `${name}: ${value}\n`).join(""), "bag-info.txt"),
    fileOf(BAGIT_TXT, "bagit.txt"),
    fileOf(manifestText(data), "manifest-sha256.txt"),
  ];
  const tagManifest = fileOf(manifestText(tags), "tagmanifest-sha256.txt");
  return { files: [...tags, ...data, tagManifest].sort(byName), digest: tagManifest.sha256 };
}

/** Orders files by UTF-16 code units, as JavaScript compares strings. */
function byName(a: PayloadFile, b: PayloadFile): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

/** Text of a manifest. RFC 8493 §2.1.3 escapes percent signs and line breaks; our names have no breaks. */
function manifestText(files: readonly PayloadFile[]): string {
  return files.map(({ name, sha256 }) => `${sha256}  ${name.replaceAll("%", "%25")}\n`).join("");
}

/** Reads a manifest. Throws an ArchiveError for a line of another form. */
export function parseManifest(text: string, file: string): Manifest {
  const found = new Map<string, Digest>();
  for (const [i, line] of text.split("\n").slice(0, -1).entries()) {
    const match = line.match(/^([0-9a-f]{64}) {2}(.+)$/);
    const name = match?.[2].replaceAll("%25", "%");
    if (!match || name === undefined || found.has(name)) {
      throw new ArchiveError(`Cannot read the archive: line ${i + 1} of ${file} is no entry of a manifest`);
    }
    found.set(name, match[1] as Digest);
  }
  if (text !== "" && !text.endsWith("\n")) {
    throw new ArchiveError(`Cannot read the archive: ${file} is cut short`);
  }
  return found;
}

/** Reads bag-info.txt: one `Name: value` a line. */
export function parseInfo(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split("\n").filter((line) => line.includes(": ")).map((line) => {
      const at = line.indexOf(": ");
      return [line.slice(0, at), line.slice(at + 2)];
    }),
  );
}
