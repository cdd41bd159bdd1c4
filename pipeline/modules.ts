/**
 * All modules the stages can reach, each with the digest of what it does, remembered between runs.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { ArchiveError } from "./archive/names.ts";
import { denoInfo, type Info, type InfoModule } from "./deno_info.ts";
import { exists } from "./files.ts";
import { foreignInfo, pathInside } from "./foreign.ts";
import { hashFile, stampOf } from "./hash.ts";
import { type OwnCode, ownCode, type Reference } from "./normalise.ts";
import { lockedPackages, type PackageNode } from "./packages.ts";
import { shown, type Workspace } from "./workspace.ts";

/** A module or asset of the project. */
export interface ModuleNode {
  readonly path: string;
  readonly stamp: string;
  readonly own: OwnCode;
  readonly references: readonly Target[];
  /** URLs of modules that it imports for nothing but their types: they are loaded and not run. */
  readonly unused: readonly string[];
  /** Ids of packages it imports or reads. */
  readonly packages: readonly string[];
  /** Ids of packages whose files it reads as data. */
  readonly reads: readonly string[];
}

/** A reference with what it leads to. */
export interface Target extends Reference {
  /** URL of a module or asset of the project; absent for a package, and where nothing is there. */
  readonly url?: string;
}

export interface ModuleGraph {
  /** By URL. */
  readonly modules: Readonly<Record<string, ModuleNode>>;
  /** By id. */
  readonly packages: Readonly<Record<string, PackageNode>>;
}

/** Reads the graph of some root URLs. Modules whose stamp is as in `previous` are not parsed again. */
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

/** Walks one `deno info`; what that does not list is collected in `unlisted`, to be asked for in the next. */
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

  /** Specifier as written → URL, of edges that carry code. */
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

  /** URL of a file; one that names a folder or nothing is no asset, and the sandbox refuses to read it. */
  async #asset(specifier: string, from: string): Promise<string | undefined> {
    if (!specifier.startsWith(".")) return undefined;
    const { href } = new URL(specifier, from);
    const path = this.#path(href, shown(this.#workspace, fileURLToPath(from)));
    return !href.endsWith("/") && await exists(path) ? href : undefined;
  }

  /** Of a stranger's code, nothing outside the archive is even looked for. */
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

/** The code of a file as it is now; a WebAssembly module may call what it imports. */
export async function readModule(path: string): Promise<OwnCode> {
  if (isModule(path)) return await ownCode(await Deno.readTextFile(path));
  return { digest: await hashFile(path), references: null, data: [], acts: path.endsWith(".wasm") };
}

/** Static imports of a module whose text has their specifiers. */
function unparsed(specifiers: Iterable<string>): readonly Reference[] {
  return [...specifiers].map((specifier, i) => ({ specifier, rank: i, order: i }));
}

/** URLs of what has to be readable where a module is loaded. */
export function edgesOf({ references, unused }: ModuleNode): readonly string[] {
  return [...references.flatMap(({ url }) => url ?? []), ...unused];
}

/** What stands for a package's file and begins with a slash is a path. */
function refuseRooted(names: readonly string[], from: string): void {
  const rooted = names.find((name) => /^[/\\]/.test(name));
  if (rooted === undefined) return;
  throw new ArchiveError(
    `Cannot accept the archive: ${from} refers to ${rooted}, which lies outside the archive`,
  );
}
