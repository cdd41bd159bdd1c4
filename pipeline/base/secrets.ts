/**
 * Removes what no record, log or message may hold: passwords and signatures in URLs, and this machine's paths
 * from what others read.
 *
 * @module
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** Replaces removed text. */
const DROPPED = "…";

/** A URL from its scheme to its end in a text; a password may contain quotes. */
const ADDRESS = /:\/\/(?:[^\s/?#@]*@)?[^\s"<>]+/g;

/** Address without a scheme, `user:password@host:port` or `user:password@host/path`, also within a path. */
const BARE =
  /(?<=^|[\s'"(/\\])(?!(?:npm|jsr):)[^\s:/\\@'"(<>]{1,64}:[^\s/@'"<>]{1,128}@(?=[\w.-]+(?::\d|[/\\]))/g;

/** Secret settings of npm with their values. */
const NPM_SECRET = /(_auth|_authToken|_password)(\s*=\s*)[^\s"'…]+/g;

/** Characters at the end of a URL that usually belong to the sentence or bracket around it. */
const CLOSING = ")]}'`.,;:!";

/** Reduces every URL to scheme, host and path: `https://…@host/path…`. Applying it twice changes nothing. */
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

/** Position of the host. A `/`, `?` or `#` in a password seems to end it; then no port follows the colon. */
function endOfUser(text: string): number {
  const authority = text.slice(0, text.search(/[/?#]|$/));
  const at = authority.lastIndexOf("@");
  const isCut = at < 0 && /^[^:[]*:(?!\d*$)/.test(authority);
  return (isCut ? text.lastIndexOf("@") : at) + 1;
}

/** Removes secrets from an argument of a command line; where it is a URL, the whole argument is one. */
export function argumentWithoutSecrets(argument: string): string {
  if (!/^(--[\w-]+=)?[a-z][a-z\d+.-]*:\/\//i.test(argument)) return withoutSecrets(argument);
  return withoutSecrets(argument.replace(/[\s"<>]/g, encodeURIComponent));
}

/** Applies a change to every text of a value. */
export function inTexts<T>(value: T, change: (text: string) => string): T {
  if (typeof value === "string") return change(value) as T;
  if (Array.isArray(value)) return value.map((each) => inTexts(each, change)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, inTexts(each, change)]),
  ) as T;
}

/** An absolute path, in quotes (spaces allowed) or bare; a URL's path does not count, except a file URL's. */
const PATH =
  /'(?:\/[^'/]+){2,}'|(?<![\w.~/\]…-]|:(?=\/\/))(?:file:\/\/)?(?:\/[^/\s'"`():,;<>|]+){2,}|\b[a-z]:(?:\\[^\\\s'"`():,;<>|]+)+/gi;

/**
 * Text for other readers: without secrets, with paths below the repository relative, and with only the last
 * name of all other paths, as the folders above may identify people.
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
