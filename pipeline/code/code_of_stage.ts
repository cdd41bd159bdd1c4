/**
 * The code of a stage: the behaviour of the modules that its process loads, whatever their file names.
 *
 * @module
 */
import { join } from "node:path";
import { behaviourOf, reached } from "./behaviour.ts";
import { cachePackages } from "./deno_info.ts";
import { exists } from "../base/files.ts";
import { stampOf } from "../base/digests.ts";
import { edgesOf, type ModuleGraph, type ModuleNode, readModule, readModules } from "./modules.ts";
import { NORMALISATION } from "./syntax.ts";
import { packageClosure } from "./packages.ts";
import { readMemory, writeMemory } from "../base/sealed_json.ts";
import type { Digest, Key } from "../stage.ts";
import { shown, type Workspace } from "../base/workspace.ts";

/** The parts of a key that describe a stage's behaviour, and the files it reads to run. */
export interface Code {
  readonly code: Key["code"];
  /** Digest of each module's own text by path, for explanations. */
  readonly modules: Readonly<Record<string, Digest>>;
  readonly packages: Key["packages"];
  /** Files that its process reads beside its inputs. */
  readonly readable: Readable;
  /** Names of the modules (or deno.json, deno.lock) that no longer match the key. */
  readonly changed: () => Promise<readonly string[]>;
}

/** Absolute paths. */
export interface Readable {
  /** Modules and assets. */
  readonly modules: readonly string[];
  /** Folders of packages whose files it reads as data; importing a package needs no permission. */
  readonly packages: readonly string[];
}

interface Saved {
  readonly version: number;
  /** The roots, the stamps of deno.json and deno.lock, and the settings that locate packages. */
  readonly signature: string;
  readonly graph: ModuleGraph;
  /** Behaviour digest of each root, by URL. */
  readonly behaviour: Readonly<Record<string, Digest>>;
}

/** The code as found on the disk. */
type Seen = Pick<Saved, "graph" | "behaviour"> & {
  /** Stamps of deno.json and deno.lock, by path. */
  readonly settings: Readonly<Record<string, string>>;
};

/** The code of all stages of a run. */
export class CodeIndex {
  readonly #workspace: Workspace;
  readonly #graph: ModuleGraph;
  readonly #behaviour: Saved["behaviour"];
  readonly #settings: Seen["settings"];
  readonly #names = new Map<string, string>();

  private constructor(workspace: Workspace, { graph, behaviour, settings }: Seen) {
    this.#workspace = workspace;
    this.#graph = graph;
    this.#behaviour = behaviour;
    this.#settings = settings;
  }

  /**
   * Reads the code reachable from the roots (URLs). Nothing is parsed where no file of it, deno.json and
   * deno.lock changed since the last time.
   */
  static async open(workspace: Workspace, roots: readonly string[]): Promise<CodeIndex> {
    const file = join(workspace.cache, "code.json");
    const read = await readMemory<Saved>(file);
    const saved = read.type === "sound" && read.value.version === NORMALISATION ? read.value : undefined;
    const all = [...new Set(roots)].sort();
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
      return new CodeIndex(workspace, { ...saved, settings });
    }
    const found = await look(workspace, all, saved?.graph);
    await writeMemory(file, { version: NORMALISATION, signature, ...found } satisfies Saved);
    return new CodeIndex(workspace, { ...found, settings });
  }

  /** Reads the code as `open` does, without a cache. */
  static async read(workspace: Workspace, roots: readonly string[]): Promise<CodeIndex> {
    return new CodeIndex(workspace, { ...await look(workspace, roots), settings: {} });
  }

  /** Fetches missing packages, as a child process runs from the cache alone. */
  async fetchPackages(): Promise<void> {
    const folders = Object.values(this.#graph.packages).flatMap(({ path }) => path ?? []);
    const present = await Promise.all(folders.map(exists));
    if (!present.every(Boolean)) await cachePackages(this.#workspace, Object.keys(this.#graph.modules));
  }

  /** Folder of a package by its id, beside this code's packages in the cache; undefined where it has none. */
  packageFolder(id: string): string | undefined {
    const parts = (id: string) => id.match(/^(.[^@]*)@([^_]+)/)?.slice(1).join("/");
    for (const [known, { path }] of Object.entries(this.#graph.packages)) {
      const end = `/${parts(known)}`;
      if (path?.endsWith(end)) return `${path.slice(0, -end.length)}/${parts(id)}`;
    }
  }

  /** The code of some of the roots: name in the key → URL. */
  of(roots: Readonly<Record<string, string>>): Code {
    const { modules, packages } = this.#graph;
    const reach = (next: (node: ModuleNode) => readonly string[]) =>
      [...reached(Object.values(roots), (url) => next(modules[url]))].sort().map((url) => modules[url]);
    const nodes = reach(({ references }) => references.flatMap(({ url }) => url ?? []));
    const ids = packageClosure(packages, nodes.flatMap(({ packages }) => packages));
    return {
      code: Object.fromEntries(Object.entries(roots).map(([name, url]) => [name, this.#behaviour[url]])),
      modules: Object.fromEntries(
        nodes.map(({ path, own }) => [this.#shown(path), own.digest]),
      ),
      packages: Object.fromEntries(ids.map((id) => [id, packages[id].integrity])),
      get readable() {
        return {
          modules: reach(edgesOf).map(({ path }) => path),
          packages: nodes.flatMap(({ reads }) => reads).flatMap((id) => packages[id]?.path ?? []),
        };
      },
      changed: () => this.#changed(nodes),
    };
  }

  /** Most modules are reached from many roots. */
  #shown(path: string): string {
    return this.#names.getOrInsertComputed(path, () => shown(this.#workspace, path));
  }

  async #changed(nodes: readonly ModuleNode[]): Promise<readonly string[]> {
    const found: string[] = [];
    for (const { path, stamp, own } of nodes) {
      if (await stampOf(path) === stamp) continue;
      const now = await readModule(path).catch(() => null);
      if (JSON.stringify(now) !== JSON.stringify(own)) found.push(path);
    }
    for (const [path, stamp] of Object.entries(this.#settings)) {
      if ((await stampOf(path) ?? "") !== stamp) found.push(path);
    }
    return found.map((path) => shown(this.#workspace, path));
  }
}

async function look(
  workspace: Workspace,
  roots: readonly string[],
  previous?: ModuleGraph,
): Promise<Omit<Seen, "settings">> {
  const graph = await readModules(workspace, roots, previous);
  const digests = roots.map((url) => [url, behaviourOf(url, graph.modules)] as const);
  return { graph, behaviour: Object.fromEntries(digests) };
}

/** True where all modules are unchanged and all packages are in their folders. */
async function isCurrent({ modules, packages }: ModuleGraph): Promise<boolean> {
  const found = await Promise.all([
    ...Object.values(modules).map(async ({ path, stamp }) => await stampOf(path) === stamp),
    ...Object.values(packages).map(({ path }) => path === undefined || exists(path)),
  ]);
  return found.every(Boolean);
}

/** Variables that locate Deno's cache where DENO_DIR is not set. */
const CACHES = ["XDG_CACHE_HOME", "HOME", "LOCALAPPDATA", "USERPROFILE"];

/** Settings that locate packages. The sandbox names package folders, and a cache may move or change owner. */
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
