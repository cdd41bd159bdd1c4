/**
 * Code means behaviour: the modules a stage can reach and what each does, without other stages and without types.
 *
 * @module
 */
import { join } from "node:path";
import { cachePackages } from "./deno_info.ts";
import { exists } from "./files.ts";
import { stampOf } from "./hash.ts";
import { type ModuleGraph, readModule, readModules } from "./modules.ts";
import { NORMALISATION } from "./normalise.ts";
import { packageClosure } from "./packages.ts";
import { readMemory, writeMemory } from "./sealed.ts";
import type { Key } from "./types.ts";
import { shown, type Workspace } from "./workspace.ts";

/** The parts of a key that say what a stage does, and what it must read to run. */
export interface Code {
  readonly code: Key["code"];
  readonly packages: Key["packages"];
  /** Absolute paths of modules, assets and package folders. */
  readonly readable: readonly string[];
}

interface Saved {
  readonly version: number;
  /** Roots, and stamps of deno.json and deno.lock. */
  readonly signature: string;
  readonly graph: ModuleGraph;
}

/** The code of all stages of a run. */
export class CodeIndex {
  readonly #workspace: Workspace;
  readonly #graph: ModuleGraph;
  readonly #stages: ReadonlySet<string>;

  private constructor(workspace: Workspace, graph: ModuleGraph, stages: ReadonlySet<string>) {
    this.#workspace = workspace;
    this.#graph = graph;
    this.#stages = stages;
  }

  /**
   * Reads the code reachable from stages' modules and other roots (URLs). If no file of it changed since it was last
   * read, and neither did deno.json nor deno.lock, nothing is parsed.
   */
  static async open(
    workspace: Workspace,
    { stages, roots }: { readonly stages: readonly string[]; readonly roots: readonly string[] },
  ): Promise<CodeIndex> {
    const file = join(workspace.cache, "code.json");
    const read = await readMemory<Saved>(file);
    const saved = read.type === "sound" && read.value.version === NORMALISATION ? read.value : undefined;
    const all = [...new Set([...stages, ...roots])].sort();
    const settings = [await stampOf(workspace.config), await stampOf(workspace.lockfile)];
    const signature = JSON.stringify([Deno.version.deno, Deno.execPath(), all, settings]);
    if (saved?.signature === signature && await isCurrent(saved.graph)) {
      return new CodeIndex(workspace, saved.graph, new Set(stages));
    }
    const graph = await readModules(workspace, all, saved?.graph);
    await writeMemory(file, { version: NORMALISATION, signature, graph } satisfies Saved);
    return new CodeIndex(workspace, graph, new Set(stages));
  }

  /** Fetches the packages that are not here yet: a child process runs from the cache alone. */
  async fetchPackages(): Promise<void> {
    const folders = Object.values(this.#graph.packages).flatMap(({ path }) => path ?? []);
    const present = await Promise.all(folders.map(exists));
    if (!present.every(Boolean)) await cachePackages(this.#workspace, Object.keys(this.#graph.modules));
  }

  /** What can be reached from a stage's module and the modules chosen by its parameters. */
  of(module: string, chosen: readonly string[]): Code {
    const own = [...this.#reach([module, ...chosen], (from, to) => this.#isCut(module, { from, to }))].sort();
    const nodes = own.map((url) => this.#graph.modules[url]);
    const ids = packageClosure(this.#graph.packages, nodes.flatMap(({ packages }) => packages));
    return {
      code: Object.fromEntries(nodes.map(({ path, digest }) => [shown(this.#workspace, path), digest])),
      packages: Object.fromEntries(ids.map((id) => [id, this.#graph.packages[id].integrity])),
      readable: this.readable([module, ...chosen]),
    };
  }

  /** Paths of those modules that do something else by now: a process that starts runs what no key was made of. */
  async edited(module: string, chosen: readonly string[]): Promise<string[]> {
    const own = this.#reach([module, ...chosen], (from, to) => this.#isCut(module, { from, to }));
    const found: string[] = [];
    for (const url of own) {
      const { path, stamp, digest } = this.#graph.modules[url];
      if (await stampOf(path) === stamp) continue;
      const now = await readModule(path).catch(() => undefined);
      if (now?.digest !== digest) found.push(shown(this.#workspace, path));
    }
    return found.sort();
  }

  /** What loading some modules reads: everything, other stages included, and the package folders. */
  readable(roots: readonly string[]): readonly string[] {
    const nodes = [...this.#reach(roots, () => false)].map((url) => this.#graph.modules[url]);
    const ids = packageClosure(this.#graph.packages, nodes.flatMap(({ packages }) => packages));
    const folders = ids.flatMap((id) => this.#graph.packages[id]?.path ?? []);
    return [...new Set([...nodes.map(({ path }) => path), ...folders])];
  }

  #reach(roots: readonly string[], isCut: (from: string, to: string) => boolean): ReadonlySet<string> {
    const found = new Set<string>();
    const visit = (url: string) => {
      if (found.has(url) || this.#graph.modules[url] === undefined) return;
      found.add(url);
      for (const edge of this.#graph.modules[url].edges) if (!isCut(url, edge)) visit(edge);
    };
    roots.forEach(visit);
    return found;
  }

  /**
   * Another stage is reached through its artifact, whose digest is in the key: if its code were too, early cut-off
   * could never work. So nothing but the stage itself (its default export) may be imported from its module.
   */
  #isCut(own: string, { from, to }: { readonly from: string; readonly to: string }): boolean {
    if (to === own || !this.#stages.has(to)) return false;
    const { modules } = this.#graph;
    if (modules[from].named.includes(to)) {
      const [reader, other] = [from, to].map((url) => shown(this.#workspace, modules[url].path));
      throw new Error(
        `Cannot hash ${reader}: it imports more than the stage from ${other}, move what both need to a module of its own`,
      );
    }
    return true;
  }
}

async function isCurrent(graph: ModuleGraph): Promise<boolean> {
  const stamps = await Promise.all(
    Object.values(graph.modules).map(async ({ path, stamp }) => await stampOf(path) === stamp),
  );
  return stamps.every(Boolean);
}
