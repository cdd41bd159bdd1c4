/**
 * Code means behaviour: the modules a stage can reach and what each does, without other stages and without types.
 *
 * @module
 */
import { join } from "node:path";
import { digestOf } from "./canonical.ts";
import { cachePackages } from "./deno_info.ts";
import { actingModules, evaluationOrder } from "./evaluation.ts";
import { exists } from "./files.ts";
import { stampOf } from "./hash.ts";
import { type ModuleGraph, type ModuleNode, readModule, readModules } from "./modules.ts";
import { NORMALISATION } from "./normalise.ts";
import { packageClosure } from "./packages.ts";
import { readMemory, writeMemory } from "./sealed.ts";
import type { Key } from "./types.ts";
import { shown, type Workspace } from "./workspace.ts";

/** The parts of a key that say what a stage does, and what it must read to run. */
export interface Code {
  readonly code: Key["code"];
  readonly packages: Key["packages"];
  /** What its process reads beside its inputs. */
  readonly readable: Readable;
  /** Names of the modules (or deno.json, deno.lock) that no longer do what the key says. */
  readonly changed: () => Promise<readonly string[]>;
}

/** Name, among the modules of a key's code, of the order in which those that act are evaluated. */
const ORDER = "order of imports";

/** Absolute paths. */
export interface Readable {
  /** Modules and assets, those of other stages included: loading needs them. */
  readonly modules: readonly string[];
  /** Folders of packages whose files it reads as data; importing a package needs no permission. */
  readonly packages: readonly string[];
}

interface Saved {
  readonly version: number;
  /** Roots, stamps of deno.json and deno.lock, and what decides where packages lie. */
  readonly signature: string;
  readonly graph: ModuleGraph;
}

/** The code of all stages of a run. */
export class CodeIndex {
  readonly #workspace: Workspace;
  readonly #graph: ModuleGraph;
  readonly #stages: ReadonlySet<string>;
  readonly #acting: ReadonlySet<string>;
  /** Path → stamp of deno.json and deno.lock. */
  readonly #settings: Readonly<Record<string, string>>;

  private constructor(
    workspace: Workspace,
    { graph, stages, settings }: {
      readonly graph: ModuleGraph;
      readonly stages: readonly string[];
      readonly settings: Readonly<Record<string, string>>;
    },
  ) {
    this.#workspace = workspace;
    this.#settings = settings;
    this.#graph = graph;
    this.#stages = new Set(stages);
    this.#acting = actingModules(graph.modules);
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
    const settings: Record<string, string> = {};
    for (const path of [workspace.config, workspace.lockfile]) settings[path] = await stampOf(path) ?? "";
    const signature = JSON.stringify([
      Deno.version.deno,
      Deno.execPath(),
      all,
      settings,
      await packagePlaces(workspace),
    ]);
    if (saved?.signature === signature && await isCurrent(saved.graph)) {
      return new CodeIndex(workspace, { graph: saved.graph, stages, settings });
    }
    const graph = await readModules(workspace, all, saved?.graph);
    await writeMemory(file, { version: NORMALISATION, signature, graph } satisfies Saved);
    return new CodeIndex(workspace, { graph, stages, settings });
  }

  /** Reads the code as `open` does, and remembers nothing. */
  static async read(
    workspace: Workspace,
    { stages, roots }: { readonly stages: readonly string[]; readonly roots: readonly string[] },
  ): Promise<CodeIndex> {
    const graph = await readModules(workspace, [...new Set([...stages, ...roots])].sort());
    return new CodeIndex(workspace, { graph, stages, settings: {} });
  }

  /** Fetches the packages that are not here yet: a child process runs from the cache alone. */
  async fetchPackages(): Promise<void> {
    const folders = Object.values(this.#graph.packages).flatMap(({ path }) => path ?? []);
    const present = await Promise.all(folders.map(exists));
    if (!present.every(Boolean)) await cachePackages(this.#workspace, Object.keys(this.#graph.modules));
  }

  /** Where the cache has a package, by its id, if it has it: beside those of this code. */
  packageFolder(id: string): string | undefined {
    const parts = (id: string) => id.match(/^(.[^@]*)@([^_]+)/)?.slice(1).join("/");
    for (const [known, { path }] of Object.entries(this.#graph.packages)) {
      const end = `/${parts(known)}`;
      if (path?.endsWith(end)) return `${path.slice(0, -end.length)}/${parts(id)}`;
    }
  }

  /** What can be reached from a stage's module and the modules chosen by its parameters. */
  of(module: string, chosen: readonly string[]): Code {
    const isCut = (from: string, to: string) => this.#isCut(module, { from, to });
    const own = [...this.#reach([module, ...chosen], isCut)].sort();
    const nodes = own.map((url) => this.#graph.modules[url]);
    const ids = packageClosure(this.#graph.packages, nodes.flatMap(({ packages }) => packages));
    return {
      code: {
        ...Object.fromEntries(nodes.map(({ path, digest }) => [shown(this.#workspace, path), digest])),
        ...this.#order([module, ...chosen, ...this.#entries(own)], isCut),
      },
      packages: Object.fromEntries(ids.map((id) => [id, this.#graph.packages[id].integrity])),
      readable: {
        modules: [...this.#reach([module, ...chosen], () => false)].map((url) =>
          this.#graph.modules[url].path
        ),
        packages: nodes.flatMap(({ reads }) => reads).flatMap((id) => this.#graph.packages[id]?.path ?? []),
      },
      changed: () => this.#changed(nodes),
    };
  }

  async #changed(nodes: readonly ModuleNode[]): Promise<readonly string[]> {
    const found: string[] = [];
    for (const { path, stamp, digest } of nodes) {
      if (await stampOf(path) === stamp) continue;
      const now = await readModule(path).catch(() => undefined);
      if (now?.digest !== digest) found.push(path);
    }
    for (const [path, stamp] of Object.entries(this.#settings)) {
      if ((await stampOf(path) ?? "") !== stamp) found.push(path);
    }
    return found.map((path) => shown(this.#workspace, path));
  }

  /** Modules that others load apart: workers and dynamic imports. */
  #entries(urls: readonly string[]): readonly string[] {
    const { modules } = this.#graph;
    return urls.flatMap((url) => modules[url].edges.filter((edge) => !modules[url].imports.includes(edge)));
  }

  /** One entry for the order of all that acts when it is loaded; none where nothing is to be ordered. */
  #order(entries: readonly string[], isCut: (from: string, to: string) => boolean): Key["code"] {
    const { modules } = this.#graph;
    const name = (url: string) => modules[url] ? shown(this.#workspace, modules[url].path) : url;
    const orders = [...new Set(entries)]
      .map((entry) => evaluationOrder(entry, { modules, acting: this.#acting, isCut }))
      .filter((order) => order.length > 1)
      .map((order) => order.map(name));
    return orders.length === 0 ? {} : { [ORDER]: digestOf(orders) };
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
    // What such a module takes from the other cannot be told: in doubt it counts as code.
    if (modules[from].references === null) return false;
    if (modules[from].named.includes(to)) {
      const [reader, other] = [from, to].map((url) => shown(this.#workspace, modules[url].path));
      throw new Error(
        `Cannot hash ${reader}: it imports more than the stage from ${other}, move what both need to a module of its own`,
      );
    }
    return true;
  }
}

/** Whether its modules are as they were and its packages are where they were. */
async function isCurrent({ modules, packages }: ModuleGraph): Promise<boolean> {
  const found = await Promise.all([
    ...Object.values(modules).map(async ({ path, stamp }) => await stampOf(path) === stamp),
    ...Object.values(packages).map(({ path }) => path === undefined || exists(path)),
  ]);
  return found.every(Boolean);
}

/** Variables that decide where Deno's cache is, where DENO_DIR does not say it. */
const CACHES = ["XDG_CACHE_HOME", "HOME", "LOCALAPPDATA", "USERPROFILE"];

/** What decides where packages lie: the sandbox names their folders, and a cache may be moved or become another's. */
async function packagePlaces({ root }: Workspace): Promise<readonly unknown[]> {
  const get = (name: string) => Deno.env.get(name) ?? null;
  const home = get("HOME") ?? get("USERPROFILE") ?? root;
  return [
    get("DENO_DIR") ?? CACHES.map(get),
    // The registry's host is a folder in the cache.
    get("NPM_CONFIG_REGISTRY"),
    await Promise.all([root, home].map((folder) => stampOf(join(folder, ".npmrc")))),
  ];
}
