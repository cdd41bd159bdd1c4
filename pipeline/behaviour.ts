/**
 * Digest of what a module does together with all it can reach, free of the names and places of files.
 *
 * A walk from the module numbers what it meets, going through the references of each in the order of their texts, which
 * hold no name of a file. So a set of modules is written down as its graph: the digest of each module's own text, and
 * the number of the module behind each of its references. Two sets have the same digest exactly if they are the same
 * modules referring to each other in the same way. (Colour refinement would take two modules of equal text and imports
 * for one, though each has its own variables.)
 *
 * Modules are evaluated in the order of their imports, which changes with the names of files, as the formatter sorts
 * them. That order is in the digest for modules that act: those whose top level does more than declare. A declaration
 * whose initialiser registers something is not seen to act: where it matters, it has to be a statement.
 *
 * @module
 */
import { sha256 } from "./canonical.ts";
import type { ModuleNode, Target } from "./modules.ts";
import type { Digest } from "./types.ts";

/** A module by its own code and by where its references lead. */
export type Linked = Pick<ModuleNode, "references"> & {
  readonly own: Pick<ModuleNode["own"], "digest" | "acts">;
};

/** Modules and assets by URL. */
export type Linking = Readonly<Record<string, Linked>>;

/** The digest of what a module does; of a reference that leads nowhere the specifier counts. */
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

/** The roots, and what can be reached from them. */
export function reached(
  roots: Iterable<string>,
  next: (url: string) => readonly string[],
): ReadonlySet<string> {
  const found = new Set(roots);
  for (const url of found) next(url).forEach((other) => found.add(other));
  return found;
}

/** Workers, dynamic imports and assets. */
function loadedApart(urls: Iterable<string>, modules: Linking): readonly string[] {
  const references = [...urls].flatMap((from) => modules[from].references);
  return [...new Set(references.flatMap(({ url, order }) => order === undefined ? url ?? [] : []))];
}

/** URLs of the modules that act, in the order in which loading one evaluates them: what it imports, then itself. */
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
