/**
 * File names an archive may hold. What is refused here is what overwrites a stranger's files when unpacked, or cannot be
 * unpacked everywhere.
 *
 * @module
 */
import { inLine } from "./escape.ts";
import { DEEPEST_NAME, LONGEST_NAME } from "./limits.ts";

/** An archive that is not opened any further: it is damaged at its root, or made to do harm. */
export class ArchiveError extends Error {
  override readonly name = "ArchiveError";

  /** The message may quote the archive: it is kept on one line. */
  constructor(message: string) {
    super(inLine(message));
  }
}

/** What Windows cannot have in a name, or keeps for devices. */
const NOT_OF_WINDOWS = /[<>:"|?*]|[. ]$|^(con|prn|aux|nul|com\d|lpt\d) *(\.|$)/i;

/** Bytes of a file's or folder's name that every file system takes. */
const LONGEST_PART = 255;

/** As file systems compare names that do not tell cases apart. */
const folded = (name: string) => name.toUpperCase().toLowerCase();

/** Why a name is refused, or undefined. */
export function nameProblem(name: string): string | undefined {
  if (name === "") return "is empty";
  if (name.length > LONGEST_NAME) return `is longer than ${LONGEST_NAME} characters`;
  if (name.startsWith("/") || /^[a-z]:/i.test(name)) return "is an absolute path";
  if (name.includes("\\")) return "has a backslash";
  if (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\ufffd]/u.test(name)) return "has a control or invisible character";
  if (name.normalize("NFC") !== name) return "is not in Unicode's normal form C";
  const parts = name.split("/");
  if (parts.length > DEEPEST_NAME) return `lies more than ${DEEPEST_NAME} folders deep`;
  if (parts.at(-1) === "") return "is a folder, folders have no entry of their own";
  if (parts.some((part) => part === ".." || part === "." || part === "")) {
    return "leaves its folder (an empty, . or .. part)";
  }
  if (parts.some((part) => NOT_OF_WINDOWS.test(part))) return "has a part that Windows cannot have";
  if (parts.some((part) => new TextEncoder().encode(part).length > LONGEST_PART)) {
    return `has a part of more than ${LONGEST_PART} bytes`;
  }
  if (parts.some((part) => folded(part) === ".git")) {
    return "lies in a repository of git, whose settings run programs";
  }
}

/** Throws an ArchiveError for the first name that is refused, is there twice, or is both a file and a folder. */
export function checkNames(names: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const problem = nameProblem(name);
    if (problem) throw refused(name, problem);
    const other = seen.get(folded(name));
    if (other !== undefined) throw refused(name, other === name ? "is there twice" : `is also ${other}`);
    seen.set(folded(name), name);
  }
  for (const name of names) {
    const parts = folded(name).split("/");
    for (let end = 1; end < parts.length; end++) {
      const folder = seen.get(parts.slice(0, end).join("/"));
      if (folder !== undefined) throw refused(folder, "is both a file and a folder");
    }
  }
}

function refused(name: string, problem: string): ArchiveError {
  return new ArchiveError(
    `Cannot accept the archive: the name ${JSON.stringify(name.slice(0, LONGEST_NAME))} ${problem}`,
  );
}
