/**
 * What no record, log or message may hold: passwords and signatures in URLs, and in what goes to others the paths of
 * this machine.
 *
 * @module
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** Stands where something was taken out. */
const DROPPED = "…";

/** What follows a scheme, up to where a URL in a text ends; a password may have quotes. */
const ADDRESS = /:\/\/(?:[^\s/?#@]*@)?[^\s"<>]+/g;

/** An address as some write it, `user:password@host:port` or `user:password@host/path`, also taken for a path. */
const BARE =
  /(?<=^|[\s'"(/\\])(?!(?:npm|jsr):)[^\s:/\\@'"(<>]{1,64}:[^\s/@'"<>]{1,128}@(?=[\w.-]+(?::\d|[/\\]))/g;

/** What npm calls its secrets, with the value. */
const NPM_SECRET = /(_auth|_authToken|_password)(\s*=\s*)[^\s"'…]+/g;

/** Closes a sentence or a bracket around a URL more often than it ends one. */
const CLOSING = ")]}'`.,;:!";

/** Of every URL scheme, host and path: `https://…@host/path…`. The same text gives the same, and stays as it is. */
export function withoutSecrets(text: string): string {
  return text.replace(ADDRESS, (found) => {
    let end = found.length;
    while (CLOSING.includes(found[end - 1])) end--;
    return `://${addressOf(found.slice(3, end))}${found.slice(Math.max(3, end))}`;
  }).replace(BARE, `${DROPPED}@`).replace(NPM_SECRET, `$1$2${DROPPED}`);
}

function addressOf(text: string): string {
  const rest = text.slice(endOfUser(text));
  const path = rest.slice(0, rest.search(/[?#]|$/));
  // The path of a mirror or a proxy may be a URL itself.
  const [first, ...inner] = path.split("://");
  const user = rest.length < text.length ? `${DROPPED}@` : "";
  const shown = [user + first, ...inner.map(withoutUser)].join("://");
  return path.length < rest.length ? shown + DROPPED : shown;
}

function withoutUser(text: string): string {
  const end = endOfUser(text);
  return end === 0 ? text : `${DROPPED}@${text.slice(end)}`;
}

/** Where the host begins: a password with a slash, a question mark or a hash seems to end it, and is no port. */
function endOfUser(text: string): number {
  const authority = text.slice(0, text.search(/[/?#]|$/));
  const at = authority.lastIndexOf("@");
  const isCut = at < 0 && /^[^:[]*:(?!\d*$)/.test(authority);
  return (isCut ? text.lastIndexOf("@") : at) + 1;
}

/** An argument of a command line: where it is a URL, it is one to its end. */
export function argumentWithoutSecrets(argument: string): string {
  if (!/^(--[\w-]+=)?[a-z][a-z\d+.-]*:\/\//i.test(argument)) return withoutSecrets(argument);
  return withoutSecrets(argument.replace(/[\s"<>]/g, encodeURIComponent));
}

/** Every text of a value, changed. */
export function inTexts<T>(value: T, change: (text: string) => string): T {
  if (typeof value === "string") return change(value) as T;
  if (Array.isArray(value)) return value.map((each) => inTexts(each, change)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, inTexts(each, change)]),
  ) as T;
}

/** A path from the root, in quotes (then with spaces) or bare; a path of a URL is none, unless it is a file's. */
const PATH =
  /'(?:\/[^'/]+){2,}'|(?<![\w.~/\]…-]|:(?=\/\/))(?:file:\/\/)?(?:\/[^/\s'"`():,;<>|]+){2,}|\b[a-z]:(?:\\[^\\\s'"`():,;<>|]+)+/gi;

/**
 * A text that others may read: without secrets, paths below the repository relative, and of every other path its name
 * alone, as the folders above it tell of people.
 */
export function forOthers(text: string, root: string): string {
  const folder = resolve(root);
  return withoutSecrets(text)
    .replaceAll(`${pathToFileURL(folder)}/`, "")
    .replaceAll(`${folder}/`, "")
    .replace(PATH, (path) => {
      const quote = path.startsWith("'") ? "'" : "";
      const bare = path.slice(quote.length, path.length - quote.length);
      if (/^(file:\/\/)?(\/home|\/Users)\/[^/]+$/.test(bare)) return `${quote}~${quote}`;
      return `${quote}${DROPPED}/${bare.split(/[/\\]/).at(-1)}${quote}`;
    });
}
