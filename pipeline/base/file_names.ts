/**
 * File names that an archive may hold. Refused names could overwrite other files when unpacked, or cannot be
 * unpacked on every system.
 *
 * @module
 */
import { inLine } from "./escape.ts";
import { DEEPEST_NAME, LONGEST_NAME } from "./limits.ts";

/** An archive that is damaged at its root or made to do harm, and so is not read any further. */
export class ArchiveError extends Error {
  override readonly name = "ArchiveError";

  /** Keeps the message on one line, as it may quote the archive. */
  constructor(message: string) {
    super(inLine(message));
  }
}

/** Characters and names that Windows forbids or reserves for devices. */
const NOT_OF_WINDOWS = /[<>:"|?*]|[. ]$|^(con|prn|aux|nul|com\d|lpt\d) *(\.|$)/i;

/** The longest file or folder name that every file system accepts, bytes. */
const LONGEST_PART = 255;

/** The name as case-insensitive file systems compare it. */
const folded = (name: string) => name.toUpperCase().toLowerCase();

/** The reason a name is refused, or undefined. */
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

/** Throws an ArchiveError for the first name that is refused, repeated, or both a file and a folder. */
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
