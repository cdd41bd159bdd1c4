/**
 * Names of files that desktops, editors, file systems and other tools leave behind.
 *
 * @module
 */

/** Leftovers that are not hidden: from Windows, NTFS, Synology, ext4, Emacs and others. */
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

/** Further names that are no source: folders that tools make, backups, archives, keys. */
const NOT_SOURCE = [
  /^(__pycache__|coverage|node_modules|venv)$/,
  /\.(bak|orig|pyc|rej|sw[a-z]|tmp|zip)$/i,
  /\.(key|p12|pem|pfx)$/i,
  /^id_(dsa|ecdsa|ed25519|rsa)\b/,
];

/** True where a part of the `/`-separated path is hidden or has the name of a leftover. */
export function isLeftover(path: string): boolean {
  return path.split("/").some((part) => part.startsWith(".") || LEFTOVERS.some((each) => each.test(part)));
}

/** True where a `/`-separated path of a source tree is a leftover, a key, or made by a tool. */
export function isNotSource(path: string): boolean {
  return isLeftover(path) || path.split("/").some((part) => NOT_SOURCE.some((each) => each.test(part)));
}
