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
import { isInert } from "./inert.ts";
import { digestOfModule, parseModule } from "./normalise.ts";
import { lockedPackages, type PackageNode } from "./packages.ts";
import { type References, referencesOf } from "./references.ts";
import type { Digest } from "./types.ts";
import { shown, type Workspace } from "./workspace.ts";

/** A module or asset of the project. */
export interface ModuleNode {
  readonly path: string;
  readonly stamp: string;
  readonly digest: Digest;
  /** Null where its syntax is unknown to our parsers. */
  readonly references: References | null;
  /** It does nothing when it is evaluated but declare. */
  readonly inert: boolean;
  /** URLs of project modules and names of packages it imports statically, in the order of their evaluation. */
  readonly imports: readonly string[];
  /** URLs of project modules and assets it can run or read. */
  readonly edges: readonly string[];
  /** Those of `edges` of which more than the default export is imported. */
  readonly named: readonly string[];
  /** Ids of packages it imports or reads. */
  readonly packages: readonly string[];
  /** Ids of packages whose files it reads as data. */
  readonly reads: readonly string[];
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
    for (const edge of node.edges) await this.visit(edge);
  }

  async #node(url: string, listed: InfoModule | undefined): Promise<ModuleNode> {
    const path = this.#path(url, "what runs");
    const stamp = await stampOf(path) ?? "";
    const old = this.#previous[url];
    const own = old?.stamp === stamp ? old : await readModule(path);
    const targets = this.#targets(listed);
    const { urls = [], packages = [], named = [], imports = targets.keys() } = own.references ?? {};
    const assets = await this.#existing(urls.map((reference) => new URL(reference, url).href), path);
    if (this.#workspace.isForeign) refuseRooted(packages, shown(this.#workspace, path));
    this.unlisted.push(...packages.filter((name) => this.#packageOf(name) === undefined));
    const isLocal = (target: string) => target.startsWith("file:");
    return {
      path,
      stamp,
      digest: own.digest,
      references: own.references,
      inert: own.inert,
      imports: [...imports].flatMap((name) => evaluated(name, targets.get(name))),
      edges: [...targets.values().filter(isLocal), ...assets],
      named: named.map((name) => targets.get(name) ?? "").filter(isLocal),
      reads: packages.flatMap((name) => this.#packageOf(name) ?? []),
      packages: [...targets.values(), ...packages].flatMap((name) => this.#packageOf(name) ?? []),
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

  /** A URL that names a folder or nothing is no asset; the sandbox refuses to read it. */
  async #existing(urls: readonly string[], from: string): Promise<string[]> {
    const found: string[] = [];
    for (const url of urls.filter((url) => url.startsWith("file:"))) {
      const path = this.#path(url, shown(this.#workspace, from));
      if (!url.endsWith("/") && await exists(path)) found.push(url);
    }
    return found;
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

/** What a module does now, read from the disk. */
export async function readModule(
  path: string,
): Promise<Pick<ModuleNode, "digest" | "references" | "inert">> {
  const none = { urls: [], packages: [], named: [], imports: [] };
  if (!isModule(path)) {
    return { digest: await hashFile(path), references: none, inert: !path.endsWith(".wasm") };
  }
  const source = await Deno.readTextFile(path);
  const tree = await parseModule(source);
  const digest = digestOfModule(source, tree);
  if (tree === undefined) return { digest, references: null, inert: false };
  return { digest, references: referencesOf(tree), inert: isInert(tree) };
}

/** The runtime's own modules are there before all others. */
function evaluated(specifier: string, target: string | undefined): string[] {
  if (target === undefined || target.startsWith("node:")) return [];
  return [target.startsWith("file:") ? target : specifier];
}

/** What stands for a package's file and begins with a slash is a path. */
function refuseRooted(names: readonly string[], from: string): void {
  const rooted = names.find((name) => /^[/\\]/.test(name));
  if (rooted === undefined) return;
  throw new ArchiveError(
    `Cannot accept the archive: ${from} refers to ${rooted}, which lies outside the archive`,
  );
}
