/**
 * The order in which modules are evaluated, as far as it can matter. ECMAScript evaluates the modules a module imports
 * in the order of its imports, each once, before itself. So two modules that do something when they are evaluated (a
 * registration, a write to a global) may not change places, while those that only declare may.
 *
 * @module
 */
import type { ModuleNode } from "./modules.ts";

/** By URL. */
type Modules = Readonly<Record<string, ModuleNode>>;

/** URLs of the modules that act when they are evaluated. In a cycle even a constant can be read too early. */
export function actingModules(modules: Modules): ReadonlySet<string> {
  return new Set(Object.keys(modules).filter((url) => !modules[url].inert || isOnCycle(url, modules)));
}

function isOnCycle(url: string, modules: Modules): boolean {
  const seen = new Set<string>();
  const reaches = (from: string): boolean =>
    (modules[from]?.imports ?? []).some((next) => {
      if (next === url) return true;
      if (seen.has(next)) return false;
      seen.add(next);
      return reaches(next);
    });
  return reaches(url);
}

/**
 * What acts when an entry is loaded, in its order: URLs of modules, names of packages. An entry is what is loaded apart
 * from others: a stage, a model it chose, a worker, a dynamic import.
 */
export function evaluationOrder(
  entry: string,
  { modules, acting, isCut }: {
    readonly modules: Modules;
    readonly acting: ReadonlySet<string>;
    /** Whether an import leads out of the code looked at. */
    readonly isCut: (from: string, to: string) => boolean;
  },
): readonly string[] {
  const order: string[] = [];
  const seen = new Set<string>();
  const visit = (url: string) => {
    if (seen.has(url)) return;
    seen.add(url);
    for (const next of modules[url]?.imports ?? []) {
      if (modules[next] === undefined || !isCut(url, next)) visit(next);
    }
    if (modules[url] === undefined || acting.has(url)) order.push(url);
  };
  visit(entry);
  return order;
}
