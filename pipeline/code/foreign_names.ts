/**
 * Resolves bare names in an unknown archive's code by its `deno.json` and `deno.lock`, read as data.
 *
 * @module
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { parseJson } from "../base/strict_json.ts";
import { largestText } from "../base/limits.ts";
import { ArchiveError } from "../base/file_names.ts";
import type { InfoModule, InfoPackage } from "./deno_info.ts";
import { exists, readTextIfAny } from "../base/files.ts";
import type { Workspace } from "../base/workspace.ts";

const NAME = "(?:@[a-z0-9~-][\\w.~-]*/)?[a-z0-9~-][\\w.~-]*";
/** A package id: name, version, and after `_` the peers it was resolved with. */
const PACKAGE = new RegExp(`^(${NAME})@(\\d+\\.\\d+\\.\\d+[\\w.+-]*?)(?:_[\\w.@+~-]+)?$`, "i");
/** A package specifier: name, version range, and a path in the package. */
const SPECIFIER = new RegExp(`^npm:/?(${NAME})(?:@([\\w.^~<>=|*+ -]+))?((?:/[\\w.@~+-]+)*/?)$`, "i");
/** Neither a path nor a URL. */
const BARE = /^(?!\.{0,2}\/|[a-z][a-z0-9+.-]*:)./i;

const configFile = z.looseObject({ imports: z.record(z.string().regex(BARE), z.string()).default({}) });
const lockFile = z.looseObject({
  specifiers: z.record(z.string(), z.string()).default({}),
  npm: z.record(
    z.string().regex(PACKAGE),
    z.object({
      integrity: z.string().regex(/^sha\d+-[\w+/=]+$/).optional(),
      dependencies: z.array(z.string()).optional(),
      optionalDependencies: z.array(z.string()).optional(),
      optionalPeers: z.array(z.string()).optional(),
    }),
  ).default({}),
});

/** Fields of `deno.json` that change how names resolve, and are refused. */
const UNREAD = ["importMap", "scopes", "workspace"];

/** The names of one repository. */
export class ForeignNames {
  /** The import map's entries for npm packages and files inside. */
  readonly imports: Readonly<Record<string, string>>;
  /** Packages by id; `localPath` is the id. */
  readonly packages: Readonly<Record<string, InfoPackage>>;
  /** The content of `deno.lock`, reduced to versions, integrity and dependencies of npm packages. */
  readonly lock: {
    readonly version: "5";
    readonly specifiers: Readonly<Record<string, string>>;
    readonly npm: z.infer<typeof lockFile>["npm"];
  };
  readonly #root: string;
  /** Ids of the packages that were resolved, by URL. */
  readonly #used = new Map<string, string>();

  private constructor(
    root: string,
    { imports }: z.infer<typeof configFile>,
    { specifiers, npm }: z.infer<typeof lockFile>,
  ) {
    this.#root = root;
    this.imports = keep(imports, (_, target) => SPECIFIER.test(target) || target.startsWith("./"));
    this.lock = { version: "5", specifiers: keep(specifiers, (name) => SPECIFIER.test(name)), npm };
    this.packages = packagesOf(npm);
  }

  /** Reads the two files. Throws an ArchiveError where one has another form. */
  static async read({ root, config, lockfile }: Workspace): Promise<ForeignNames> {
    const settings = await readJson(config, "deno.json");
    const unread = UNREAD.find((field) => Object.hasOwn(Object(settings), field));
    if (unread !== undefined) {
      throw new ArchiveError(
        `Cannot accept the archive: its deno.json has "${unread}", which is not followed here`,
      );
    }
    return new ForeignNames(
      root,
      checked("deno.json", configFile, settings),
      checked("deno.lock", lockFile, await exists(lockfile) ? await readJson(lockfile, "deno.lock") : {}),
    );
  }

  /** URL of a name that is no path; undefined where the two files do not resolve it. */
  url(specifier: string): string | undefined {
    const target = specifier.startsWith("npm:") ? specifier : this.#mapped(specifier);
    if (target === undefined || target.startsWith("file:")) return target;
    const id = this.#idOf(target);
    if (id === undefined) return undefined;
    this.#used.set(target, id);
    return target;
  }

  /** Modules of all packages resolved so far. */
  used(): readonly InfoModule[] {
    return [...this.#used].map(([specifier, npmPackage]) => ({ specifier, npmPackage }));
  }

  /** Resolves a name by the import map, or by its longest entry that begins the path. */
  #mapped(specifier: string): string | undefined {
    const [name] = Object.keys(this.imports)
      .filter((name) => specifier === name || specifier.startsWith(name.replace(/\/?$/, "/")))
      .sort((a, b) => b.length - a.length);
    if (name === undefined) return undefined;
    const target = this.imports[name];
    const isFile = target.startsWith("./");
    const rest = specifier.slice(name.length);
    if (rest !== "" && isFile && !name.endsWith("/")) return undefined;
    return isFile ? new URL(target + rest, pathToFileURL(join(this.#root, "/"))).href : target + rest;
  }

  #idOf(url: string): string | undefined {
    const [, name, range] = url.match(SPECIFIER) ?? [];
    if (name === undefined) return undefined;
    const { specifiers } = this.lock;
    const same = Object.keys(specifiers).filter((each) => each.match(SPECIFIER)![1] === name);
    const exact = same.find((each) => each === `npm:${name}@${range}`) ?? (same.length === 1 ? same[0] : "");
    const id = `${name}@${specifiers[exact]}`;
    return Object.hasOwn(this.packages, id) ? id : undefined;
  }
}

function packagesOf(npm: ForeignNames["lock"]["npm"]): ForeignNames["packages"] {
  const ids = Object.keys(npm);
  const byName = Map.groupBy(ids, (id) => id.match(PACKAGE)![1]);
  // The version is left out where there is only one; an alias stands before its package.
  const idsOf = (text: string): readonly string[] => {
    const name = text.replace(/^.*@npm:/, "");
    return Object.hasOwn(npm, name) ? [name] : byName.get(name) ?? [];
  };
  return Object.fromEntries(ids.map((id) => {
    const [, name, version] = id.match(PACKAGE)!;
    const all = [...npm[id].dependencies ?? [], ...npm[id].optionalDependencies ?? []];
    return [id, { name, version, dependencies: all.flatMap(idsOf), localPath: id }];
  }));
}

async function readJson(path: string, name: string): Promise<unknown> {
  const size = (await Deno.lstat(path).catch(() => undefined))?.size ?? 0;
  const wrong = (why: string) => new ArchiveError(`Cannot accept the archive: its ${name} ${why}`);
  if (size > largestText(name)) throw wrong(`has ${size} bytes, expected at most ${largestText(name)}`);
  const text = await readTextIfAny(path);
  if (text === undefined) throw wrong("is not packed");
  try {
    return parseJson(text);
  } catch (error) {
    throw wrong((error as Error).message);
  }
}

function checked<T>(name: string, schema: z.ZodType<T>, value: unknown): T {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const [{ path, message }] = error.issues;
  throw new ArchiveError(`Cannot accept the archive: its ${name}: ${path.join(".") || "it"}: ${message}`);
}

function keep(
  record: Readonly<Record<string, string>>,
  isKept: (name: string, value: string) => boolean,
): Record<string, string> {
  return Object.fromEntries(Object.entries(record).filter(([name, value]) => isKept(name, value)));
}
