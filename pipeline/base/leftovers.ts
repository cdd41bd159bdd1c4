/**
 * What desktops, editors, file systems and other tools leave behind, by its name.
 *
 * @module
 */

/** Leftovers that are not hidden: of Windows, NTFS, Synology, ext4, Emacs and others. */
const LEFTOVERS = [
  /^thumbs\.db$/i,
  /^ehthumbs(_vista)?\.db$/i,
  /^desktop\.ini$/i,
  /^\$recycle\.bin$/i,
  /^system volume information$/i,
  /^@eadir$/i,
  /^lost\+found$/,
  /^icon\r$/i,
  /^#.*#$/,
  /~$/,
];

/** What else is nobody else's business in a source tree: folders that tools make, backups, archives, keys. */
const NOT_SOURCE = [
  /^(__pycache__|coverage|node_modules|venv)$/,
  /\.(bak|orig|pyc|rej|sw[a-z]|tmp|zip)$/i,
  /\.(key|p12|pem|pfx)$/i,
  /^id_(dsa|ecdsa|ed25519|rsa)\b/,
];

/** Whether a file or folder, or a folder that it is in, is hidden or named as what is left behind; `/`-separated. */
export function isLeftover(path: string): boolean {
  return path.split("/").some((part) => part.startsWith(".") || LEFTOVERS.some((each) => each.test(part)));
}

/** Whether a path in a source tree, `/`-separated, is a leftover, a key, or what a tool has made. */
export function isNotSource(path: string): boolean {
  return isLeftover(path) || path.split("/").some((part) => NOT_SOURCE.some((each) => each.test(part)));
}
