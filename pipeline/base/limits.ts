/**
 * How large the parts of an archive may be, checked before memory is taken for them. The paper's archives stay below a
 * fifth of every limit.
 *
 * @module
 */

const KIB = 1024;
const MIB = 1024 * KIB;

/** Files in the zip. */
export const MOST_FILES = 100_000;
/** Bytes of the zip's directory. */
export const LARGEST_DIRECTORY = 32 * MIB;
/** Characters of a file's name, and its parts. */
export const LONGEST_NAME = 1000;
export const DEEPEST_NAME = 32;

/** Bytes of a text that is read as a whole, by the end of its name; others may have `LARGEST_TEXT`. */
const TEXTS: Readonly<Record<string, number>> = {
  "/ro-crate-metadata.json": 32 * MIB,
  "manifest-sha256.txt": 32 * MIB,
  "tagmanifest-sha256.txt": 64 * KIB,
  "bag-info.txt": 64 * KIB,
  "bagit.txt": 64 * KIB,
};
const LARGEST_TEXT = 8 * MIB;

/** Characters and values (names of fields and brackets are some) of all JSON texts, and how deep one may lie within others. */
export const MOST_TEXT = 64 * MIB;
export const MOST_VALUES = 4_000_000;
export const DEEPEST_VALUE = 100;

/** Bytes of a module. */
export const LARGEST_MODULE = MIB;
/** Memory of the process that parses modules, in MiB, and what it may take, in ms. */
export const PARSER_MEMORY = 1024;
export const PARSER_TIME = 120_000;

/** Bytes that a text of an archive may have. */
export function largestText(name: string): number {
  const end = Object.keys(TEXTS).find((end) => name === end || (end.startsWith("/") && name.endsWith(end)));
  return end === undefined ? LARGEST_TEXT : TEXTS[end];
}
