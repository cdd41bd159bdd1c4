/**
 * The module graph of an unknown archive's code, read as data. `deno info` would follow its `deno.json`,
 * `.npmrc` and `package.json`, load what they name, and touch every imported path. Here only files inside its
 * repository are opened.
 *
 * Specifiers are resolved by `imports` of `deno.json`, as far as they name npm packages or files inside, and
 * by `deno.lock`. A test checks that this gives the same graph as `deno info` for our own code.
 *
 * @module
 */
import { join, normalize, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { ArchiveError } from "../base/file_names.ts";
import { LARGEST_MODULE } from "../base/limits.ts";
import type { Info, InfoDependency, InfoModule } from "./deno_info.ts";
import { ForeignNames } from "./foreign_names.ts";
import { isImport, type Node, parseImports, textOf, walkTree } from "./syntax.ts";
import type { Workspace } from "../base/workspace.ts";

/**
 * Path of the file that a URL names, found without touching the disk. Throws an ArchiveError that names
 * `from`, the referring module, where the path lies outside the workspace.
 */
export function pathInside(workspace: Workspace, url: string, from: string): string {
  const outside = () =>
    new ArchiveError(`Cannot accept the archive: ${from} refers to ${url}, which lies outside the archive`);
  const { protocol, host, search, hash, pathname } = new URL(url);
  if (protocol !== "file:" || host !== "" || search !== "" || hash !== "" || /%(2f|5c|00)/i.test(pathname)) {
    throw outside();
  }
  const path = fileURLToPath(url);
  if (!path.startsWith(join(workspace.root, sep)) || normalize(path) !== path) throw outside();
  return path;
}

/** The graph reachable from several URLs and package names, in the form of `deno info`. */
export async function foreignInfo(workspace: Workspace, specifiers: readonly string[]): Promise<Info> {
  const names = await ForeignNames.read(workspace);
  const found = new Map<string, InfoModule>();
  const visit = async (url: string, from: string): Promise<void> => {
    if (found.has(url)) return;
    found.set(url, { specifier: url });
    const module = await readImports(workspace, { url, from, names });
    found.set(url, module);
    for (const { specifier } of (module.dependencies ?? []).flatMap(({ code }) => code ?? [])) {
      if (specifier?.startsWith("file:")) await visit(specifier, shownIn(workspace, url));
    }
  };
  const roots: InfoDependency[] = [];
  for (const specifier of specifiers) {
    const target = specifier.startsWith("file:") ? specifier : names.url(specifier);
    if (target !== undefined) roots.push({ specifier, code: { specifier: target } });
    if (target?.startsWith("file:")) await visit(target, "what runs");
  }
  return {
    modules: [{ specifier: "entry", dependencies: roots }, ...found.values(), ...names.used()],
    redirects: {},
    npmPackages: names.packages,
  };
}

interface Reading {
  readonly url: string;
  readonly from: string;
  readonly names: ForeignNames;
}

/** TypeScript's `import x = require()`, which Deno follows and a JavaScript syntax tree does not show. */
const LEGACY = /^\s*(?:export\s+)?import\s+(?:type\s+)?[\w$]+\s*=\s*require\b/m;

/** A module with its imports; a file that is no module has none. */
async function readImports(workspace: Workspace, { url, from, names }: Reading): Promise<InfoModule> {
  const path = pathInside(workspace, url, from);
  const where = shownIn(workspace, url);
  const refused = (why: string) => new ArchiveError(`Cannot accept the archive: ${where} ${why}`);
  const size = await sizeOf(path);
  if (size === undefined) throw refused(`is not packed, and ${from} refers to it`);
  if (path.endsWith(".json")) return { specifier: url };
  if (size > LARGEST_MODULE) {
    throw refused(`has ${size} bytes, expected a module of at most ${LARGEST_MODULE}`);
  }
  const specifiers = await (path.endsWith(".wasm") ? wasmImports(path) : sourceImports(path));
  if (specifiers === undefined) throw refused("has a syntax that is not known here");
  const dependencies = specifiers.map((specifier) => {
    const target = targetOf(specifier, { url, names });
    if (target === undefined) {
      throw refused(`imports ${specifier}, which neither deno.json nor deno.lock explains`);
    }
    return { specifier, code: { specifier: target } };
  });
  return { specifier: url, dependencies };
}

async function sourceImports(path: string): Promise<readonly string[] | undefined> {
  if (!/\.m?[jt]s$/.test(path)) return undefined;
  const source = await Deno.readTextFile(path);
  const tree = LEGACY.test(source) ? undefined : await parseImports(source);
  return tree && specifiersIn(tree, source);
}

async function wasmImports(path: string): Promise<readonly string[] | undefined> {
  try {
    const module = new WebAssembly.Module(await Deno.readFile(path));
    return [...new Set(WebAssembly.Module.imports(module).map(({ module }) => module))];
  } catch {
    return undefined;
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  const info = await Deno.lstat(path).catch(() => undefined);
  return info?.isFile ? info.size : undefined;
}

/** Specifiers of all static and dynamic imports, types too, each once, in order of first mention. */
function specifiersIn(tree: Node, source: string): readonly string[] {
  const found = new Set<string>();
  walkTree(tree, (node) => {
    if (!isImport(node) && node.type !== "ImportExpression") return;
    const specifier = textOf(node.source as Node);
    if (specifier !== undefined) found.add(specifier);
  });
  const place = (specifier: string) =>
    source.search(new RegExp(`\\b(?:from|import)[\\s(]*["'\`]${RegExp.escape(specifier)}["'\`]`));
  const places = new Map([...found].map((specifier) => [specifier, place(specifier)]));
  return [...found].sort((a, b) => places.get(a)! - places.get(b)!);
}

/** URL of a specifier's target: a file, a package or a module of the runtime; undefined for others. */
function targetOf(
  specifier: string,
  { url, names }: { readonly url: string; readonly names: ForeignNames },
): string | undefined {
  if (/^(\.{0,2}\/|file:)/.test(specifier)) return new URL(specifier, url).href;
  if (specifier.startsWith("node:")) return specifier;
  return names.url(specifier);
}

function shownIn(workspace: Workspace, url: string): string {
  return relative(workspace.root, fileURLToPath(url)).split(sep).join("/");
}
