/**
 * Limits on the parts of an archive, checked before memory is allocated. The paper's archives stay below a
 * fifth of every limit.
 *
 * @module
 */

const KIB = 1024;
const MIB = 1024 * KIB;

/** The most files in a zip. */
export const MOST_FILES = 100_000;
/** Size of the zip's directory, bytes. */
export const LARGEST_DIRECTORY = 32 * MIB;
/** Characters of a file's path, and the number of its parts. */
export const LONGEST_NAME = 1000;
export const DEEPEST_NAME = 32;

/** Limits of texts that are read whole, by the end of their names, bytes; `LARGEST_TEXT` for others. */
const TEXTS: Readonly<Record<string, number>> = {
  "/ro-crate-metadata.json": 32 * MIB,
  "manifest-sha256.txt": 32 * MIB,
  "tagmanifest-sha256.txt": 64 * KIB,
  "bag-info.txt": 64 * KIB,
  "bagit.txt": 64 * KIB,
};
const LARGEST_TEXT = 8 * MIB;

/** Characters and values (field names and brackets count) of all JSON texts together, and their depth. */
export const MOST_TEXT = 64 * MIB;
export const MOST_VALUES = 4_000_000;
export const DEEPEST_VALUE = 100;

/** Size of a module, bytes. */
export const LARGEST_MODULE = MIB;
/** Memory of the process that parses modules, MiB, and its time limit, ms. */
export const PARSER_MEMORY = 1024;
export const PARSER_TIME = 120_000;

/** The largest size of an archive's text, bytes. */
export function largestText(name: string): number {
  const end = Object.keys(TEXTS).find((end) => name === end || (end.startsWith("/") && name.endsWith(end)));
  return end === undefined ? LARGEST_TEXT : TEXTS[end];
}
