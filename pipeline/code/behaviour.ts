/**
 * Digest of a module's behaviour with all modules it reaches, independent of file names. A walk numbers the
 * modules and follows each one's references in the order of their texts, which hold no file name. The digest
 * covers each module's own digest and the numbers of the modules it refers to. (Colour refinement would merge
 * two modules of equal text and imports, though each has its own variables.)
 *
 * Import order, which file names change, counts only for modules that act: whose top level does more than
 * declare. Initialisers of declarations that register something are not detected; they must be statements.
 *
 * @module
 */
import { sha256 } from "../base/json.ts";
import type { ModuleNode, Target } from "./modules.ts";
import type { Digest } from "../stage.ts";

/** A module's own code and the targets of its references. */
export type Linked = Pick<ModuleNode, "references"> & {
  readonly own: Pick<ModuleNode["own"], "digest" | "acts">;
};

/** Modules and assets by URL. */
export type Linking = Readonly<Record<string, Linked>>;

/** The digest of a module's behaviour. A reference without a target counts by its specifier. */
export function behaviourOf(root: string, modules: Linking): Digest {
  const numbers = new Map<string, number>();
  const graph: unknown[] = [];
  const visit = (url: string): number => {
    const known = numbers.get(url);
    if (known !== undefined) return known;
    const number = numbers.size;
    numbers.set(url, number);
    const { own, references } = modules[url];
    const order = references.toSorted((a, b) => a.rank - b.rank || compare(textOf(a), textOf(b)));
    graph[number] = [
      own.digest,
      order.map(({ url, specifier }) => url === undefined ? specifier : visit(url)),
    ];
    return number;
  };
  const textOf = ({ url, specifier }: Target) => url === undefined ? specifier : modules[url].own.digest;
  visit(root);
  const place = (url: string) => numbers.get(url)!;
  const orders = [root, ...loadedApart(numbers.keys(), modules).toSorted((a, b) => place(a) - place(b))]
    .map((entry) => evaluated(entry, modules).map(place))
    .filter(({ length }) => length > 1);
  return sha256(JSON.stringify([graph, orders]));
}

/** The roots and everything reachable from them. */
export function reached(
  roots: Iterable<string>,
  next: (url: string) => readonly string[],
): ReadonlySet<string> {
  const found = new Set(roots);
  for (const url of found) next(url).forEach((other) => found.add(other));
  return found;
}

/** URLs of workers, dynamic imports and assets. */
function loadedApart(urls: Iterable<string>, modules: Linking): readonly string[] {
  const references = [...urls].flatMap((from) => modules[from].references);
  return [...new Set(references.flatMap(({ url, order }) => order === undefined ? url ?? [] : []))];
}

/** URLs of the acting modules in the order of their evaluation: imports first, then the module itself. */
function evaluated(entry: string, modules: Linking): readonly string[] {
  const seen = new Set<string>();
  const found: string[] = [];
  const visit = (url: string) => {
    if (seen.has(url)) return;
    seen.add(url);
    const imports = modules[url].references.filter(({ order }) => order !== undefined);
    for (const { url: next } of imports.sort((a, b) => a.order! - b.order!)) if (next) visit(next);
    if (modules[url].own.acts) found.push(url);
  };
  visit(entry);
  return found;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
