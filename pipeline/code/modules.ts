/**
 * All modules that the stages reach, each with its own digest, cached between runs.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { ArchiveError } from "../base/file_names.ts";
import { denoInfo, type Info, type InfoModule } from "./deno_info.ts";
import { exists } from "../base/files.ts";
import { foreignInfo, pathInside } from "./foreign_modules.ts";
import { hashFile, stampOf } from "../base/digests.ts";
import { type OwnCode, ownCode, type Reference } from "./syntax.ts";
import { lockedPackages, type PackageNode } from "./packages.ts";
import { shown, type Workspace } from "../base/workspace.ts";

/** A module or asset of the project. */
export interface ModuleNode {
  readonly path: string;
  readonly stamp: string;
  readonly own: OwnCode;
  readonly references: readonly Target[];
  /** URLs of modules imported only for their types: they are loaded and not run. */
  readonly unused: readonly string[];
  /** Ids of packages it imports or reads. */
  readonly packages: readonly string[];
  /** Ids of packages whose files it reads as data. */
  readonly reads: readonly string[];
}

/** A reference with its target. */
export interface Target extends Reference {
  /** URL of a module or asset of the project; absent for a package or a missing file. */
  readonly url?: string;
}

export interface ModuleGraph {
  /** Modules by URL. */
  readonly modules: Readonly<Record<string, ModuleNode>>;
  /** Packages by id. */
  readonly packages: Readonly<Record<string, PackageNode>>;
}

/** Reads the graph of some root URLs. Modules with the same stamp as in `previous` are not parsed again. */
export async function readModules(
  workspace: Workspace,
  roots: readonly string[],
  previous?: ModuleGraph,
): Promise<ModuleGraph> {
  const entries = new Set(roots);
  for (;;) {
    const info = await (workspace.isForeign ? foreignInfo : denoInfo)(workspace, [...entries]);
    const reader = new Reader(workspace, info, previous);
    for (const root of entries) await reader.visit(root);
    const missing = reader.unlisted.filter((specifier) => !entries.has(specifier));
    if (missing.length === 0) {
      return {
        modules: reader.modules,
        packages: await lockedPackages(info.npmPackages, workspace.lockfile),
      };
    }
    missing.forEach((specifier) => entries.add(specifier));
  }
}

/** Walks one `deno info`; `unlisted` collects the modules it lacks, for the next one. */
class Reader {
  readonly modules: Record<string, ModuleNode> = {};
  readonly unlisted: string[] = [];
  readonly #workspace: Workspace;
  readonly #listed: ReadonlyMap<string, InfoModule>;
  readonly #redirects: Info["redirects"];
  readonly #previous: ModuleGraph["modules"];
  readonly #visited = new Set<string>();

  constructor(workspace: Workspace, info: Info, previous: ModuleGraph | undefined) {
    this.#workspace = workspace;
    this.#listed = new Map(info.modules.map((module) => [module.specifier, module]));
    this.#redirects = info.redirects;
    this.#previous = previous?.modules ?? {};
  }

  async visit(specifier: string): Promise<void> {
    const url = this.#resolve(specifier);
    if (this.#visited.has(url) || !url.startsWith("file:")) return;
    this.#visited.add(url);
    const listed = this.#listed.get(url);
    if (listed?.error) throw new Error(`Cannot hash the code: ${listed.error}`);
    if (listed === undefined && isModule(url)) {
      this.unlisted.push(url);
      return;
    }
    const node = await this.#node(url, listed);
    this.modules[url] = node;
    for (const edge of edgesOf(node)) await this.visit(edge);
  }

  async #node(url: string, listed: InfoModule | undefined): Promise<ModuleNode> {
    const path = this.#path(url, "what runs");
    const stamp = await stampOf(path) ?? "";
    const old = this.#previous[url];
    const own = old?.stamp === stamp ? old.own : await readModule(path);
    const targets = this.#targets(listed);
    const local = targets.values().filter((target) => target.startsWith("file:")).toArray();
    const references: Target[] = [];
    for (const reference of own.references ?? unparsed(targets.keys())) {
      const target = targets.get(reference.specifier) ?? await this.#asset(reference.specifier, url);
      references.push({ ...reference, ...(target?.startsWith("file:") ? { url: target } : {}) });
    }
    if (this.#workspace.isForeign) refuseRooted(own.data, shown(this.#workspace, path));
    this.unlisted.push(...own.data.filter((name) => this.#packageOf(name) === undefined));
    return {
      path,
      stamp,
      own,
      references,
      unused: local.filter((target) => !references.some(({ url }) => url === target)),
      reads: own.data.flatMap((name) => this.#packageOf(name) ?? []),
      packages: [...targets.values(), ...own.data].flatMap((name) => this.#packageOf(name) ?? []),
    };
  }

  /** URLs by specifier as written, for edges that carry code. */
  #targets(listed: InfoModule | undefined): ReadonlyMap<string, string> {
    const targets = new Map<string, string>();
    for (const { specifier, code } of listed?.dependencies ?? []) {
      if (code?.error) throw new Error(`Cannot hash the code: ${listed?.specifier}: ${code.error}`);
      if (!code?.specifier) continue;
      const target = this.#resolve(code.specifier);
      if (/^(https?|jsr):/.test(target)) {
        throw new Error(
          `Cannot hash the code: ${listed?.specifier} imports ${specifier}, whose bytes no key knows, use an npm package`,
        );
      }
      targets.set(specifier, target);
    }
    return targets;
  }

  /** URL of an existing file. Folders and missing files are no assets, and the sandbox refuses them. */
  async #asset(specifier: string, from: string): Promise<string | undefined> {
    if (!specifier.startsWith(".")) return undefined;
    const { href } = new URL(specifier, from);
    const path = this.#path(href, shown(this.#workspace, fileURLToPath(from)));
    return !href.endsWith("/") && await exists(path) ? href : undefined;
  }

  /** Path of a file URL; for an unknown archive's code, paths outside are refused without being touched. */
  #path(url: string, from: string): string {
    return this.#workspace.isForeign ? pathInside(this.#workspace, url, from) : fileURLToPath(url);
  }

  #resolve(specifier: string): string {
    return this.#redirects[specifier] ?? specifier;
  }

  /** Package id of an npm URL, or of a bare specifier that the entry module imports. */
  #packageOf(specifier: string): string | undefined {
    const entry = this.#listed.values().find(({ dependencies }) =>
      dependencies?.some((dependency) => dependency.specifier === specifier)
    );
    const code = entry?.dependencies?.find((dependency) => dependency.specifier === specifier)?.code
      ?.specifier;
    return this.#listed.get(this.#resolve(code ?? specifier))?.npmPackage;
  }
}

function isModule(url: string): boolean {
  return /\.(m?[jt]s|[jt]sx)$/.test(url);
}

/** The present code of a file. A WebAssembly module acts, as it may call its imports. */
export async function readModule(path: string): Promise<OwnCode> {
  if (isModule(path)) return await ownCode(await Deno.readTextFile(path));
  return { digest: await hashFile(path), references: null, data: [], acts: path.endsWith(".wasm") };
}

/** Static imports of a module whose digest includes their specifiers. */
function unparsed(specifiers: Iterable<string>): readonly Reference[] {
  return [...specifiers].map((specifier, i) => ({ specifier, rank: i, order: i }));
}

/** URLs of files that must be readable to load a module. */
export function edgesOf({ references, unused }: ModuleNode): readonly string[] {
  return [...references.flatMap(({ url }) => url ?? []), ...unused];
}

/** Refuses a package name that begins with a slash, as that is a path. */
function refuseRooted(names: readonly string[], from: string): void {
  const rooted = names.find((name) => /^[/\\]/.test(name));
  if (rooted === undefined) return;
  throw new ArchiveError(
    `Cannot accept the archive: ${from} refers to ${rooted}, which lies outside the archive`,
  );
}
