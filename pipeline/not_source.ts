/**
 * What editors, desktops and other tools leave in a source tree, and what is nobody else's business there.
 *
 * @module
 */

const FOLDERS = ["__pycache__", "coverage", "node_modules", "venv"];

const FILES = [
  /~$/,
  /^#.*#$/,
  /\.(bak|orig|pyc|rej|sw[a-z]|tmp|zip)$/i,
  /\.(key|p12|pem|pfx)$/i,
  /^id_(dsa|ecdsa|ed25519|rsa)\b/,
  /^(desktop\.ini|thumbs\.db)$/i,
];

/** Whether a path, `/`-separated, is hidden, a leftover, a key, or in a folder that a tool has made. */
export function isNotSource(path: string): boolean {
  const parts = path.split("/");
  return parts.some((part) => part.startsWith(".") || FOLDERS.includes(part)) ||
    FILES.some((pattern) => pattern.test(parts.at(-1)!));
}
