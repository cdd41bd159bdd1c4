// deno-lint-ignore-file no-import-prefix -- What npm would read can be asked from anywhere, without this deno.json.
/**
 * The user's npm configuration as npm reads it, by npm's own parser and definitions, handed over as npm's fetcher wants
 * it: .npmrc files of the installation, the user and the project, then variables, those that come later winning.
 *
 * Deno reads less when it fetches packages: the variable NPM_CONFIG_REGISTRY, then the project's and the user's .npmrc.
 *
 * @module
 */
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Option of the fetcher, or `//host/path/:option` for one registry's, → value. */
export type NpmConfig = Readonly<Record<string, unknown>>;

/** Places to look for configuration; tests pass their own. */
export interface NpmPlaces {
  readonly env: Readonly<Record<string, string>>;
  /** Text of a file, or undefined where there is none or it may not be read. */
  readonly readFile: (path: string) => Promise<string | undefined>;
  /** Path of the `node` that runs npm: it decides where the installation's configuration is. */
  readonly node?: string;
}

/** Settings that concern a connection. Others, such as npm's cache, are not used. */
const CONNECTING = new Set([
  ...["registry", "replace-registry-host", "proxy", "https-proxy", "noproxy", "local-address", "maxsockets"],
  ...["ca", "cafile", "cert", "key", "strict-ssl"],
  ...[
    "fetch-timeout",
    "fetch-retries",
    "fetch-retry-factor",
    "fetch-retry-mintimeout",
    "fetch-retry-maxtimeout",
  ],
]);

type Values = Readonly<Record<string, unknown>>;

/** The part of npm used here. */
interface Npm {
  readonly definitions: Readonly<Record<string, { readonly default: unknown; readonly type: unknown }>>;
  readonly flatten: (values: Values, into: Record<string, unknown>) => unknown;
  readonly parse: (text: string) => Values;
  readonly parseField: (value: unknown, name: string, options: object) => unknown;
  readonly envReplace: (text: string, env: NpmPlaces["env"]) => string;
}

/** The project's folder: its .npmrc counts, in whichever folder a command is typed. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** This process's environment and files. */
export const HERE: NpmPlaces = {
  get env() {
    return Deno.env.toObject();
  },
  readFile: (path) => Deno.readTextFile(resolve(ROOT, path)).catch(() => undefined),
  get node() {
    const folders = Deno.env.get("PATH")?.split(Deno.build.os === "windows" ? ";" : ":") ?? [];
    return folders.map((folder) => join(folder, "node")).find((path) => realPathIfAny(path) !== undefined);
  },
};

/** Reads the configuration. Throws an Error that names a file of certificates that cannot be read. */
export async function readNpmConfig(places: NpmPlaces = HERE): Promise<NpmConfig> {
  const npm = await loadNpm();
  const config: Record<string, unknown> = {};
  for (const { source, values } of await readLayers(npm, places)) {
    const { cafile, ...rest } = values;
    if (typeof cafile === "string") config.ca = await readCertificates(cafile, { source, places });
    npm.flatten(rest, config);
  }
  return config;
}

/**
 * The files and variables that {@linkcode readNpmConfig} and a connection made with it read: what the process that
 * fetches has to be allowed.
 */
export async function npmReads(
  places: NpmPlaces = HERE,
): Promise<{ readonly files: readonly string[]; readonly variables: readonly string[] }> {
  const layers = await readLayers(await loadNpm(), places);
  const sources = layers.flatMap(({ source, names }) => names === undefined ? [] : [source]);
  const named = new Set(layers.flatMap(({ names = [] }) => names));
  const certificates = layers.flatMap(({ values }) =>
    Object.entries(values).flatMap(([name, value]) =>
      /^cafile$|:(certfile|keyfile)$/.test(name) && typeof value === "string" ? [value] : []
    )
  );
  const { env, node } = places;
  const decides = node !== undefined && sources.includes(join(prefixOf(node, env), "etc/npmrc"));
  return {
    files: [...sources, ...certificates, ...decides ? [node] : []],
    variables: Object.keys(places.env).filter((name) => named.has(name) || concernsConnecting(name)),
  };
}

/** The folder that npm is installed in. */
function prefixOf(node: string, { DESTDIR = "/" }: NpmPlaces["env"]): string {
  return join(DESTDIR, dirname(dirname(realPathIfAny(node) ?? node)));
}

/** Configuration of npm, proxies, certificates, and where files of configuration are looked for. */
function concernsConnecting(variable: string): boolean {
  return /^npm_config_|^((https?|no|all)_?)?proxy$/i.test(variable) ||
    /^(HOME|USERPROFILE|PATH|PREFIX|DESTDIR|NODE_EXTRA_CA_CERTS|DENO_CERT|DENO_TLS_CA_STORE|SSL_CERT_FILE|SSL_CERT_DIR)$/
      .test(variable);
}

/** Settings of one place. */
interface Layer {
  /** A path, or a name for the place in a message. */
  readonly source: string;
  readonly values: Values;
  /** Names of variables in a file. */
  readonly names?: readonly string[];
}

/** All places with settings, the strongest last; settings may move the user's and the installation's files. */
async function readLayers(npm: Npm, places: NpmPlaces): Promise<readonly Layer[]> {
  const { env, node } = places;
  const home = env.HOME ?? env.USERPROFILE;
  const read = async (path: unknown): Promise<Layer[]> =>
    typeof path === "string" ? [await readLayer(npm, path, places)] : [];
  const variables = { source: "the environment", values: valuesOf(npm, fromEnvironment(env), env) };
  const project = await read(".npmrc");
  const ask = (name: string, layers: readonly Layer[]) =>
    layers.map(({ values }) => values[name]).find((value) => value !== undefined);
  const user = await read(ask("userconfig", [variables, ...project]) ?? (home && join(home, ".npmrc")));
  const known = [variables, ...project, ...user];
  const prefix = ask("prefix", known) ?? env.PREFIX ?? (node && prefixOf(node, env));
  const installation = await read(
    ask("globalconfig", known) ?? (typeof prefix === "string" ? join(prefix, "etc/npmrc") : undefined),
  );
  const defaults = Object.entries(npm.definitions).map(([name, definition]) => [name, definition.default]);
  return [
    { source: "npm", values: connecting(Object.fromEntries(defaults)) },
    ...[...installation, ...user, ...project, variables].map((layer) => ({
      ...layer,
      values: connecting(layer.values),
    })),
  ];
}

async function readLayer(npm: Npm, path: string, { env, readFile }: NpmPlaces): Promise<Layer> {
  const text = (await readFile(path) ?? "").replace(/^\ufeff/, "");
  const names = [...text.matchAll(/\$\{([^${}?]+)\??\}/g)].map(([, name]) => name);
  return { source: path, values: valuesOf(npm, npm.parse(text), env), names };
}

/** `npm_config_strict_ssl` → `strict-ssl`; names for one registry (`npm_config_//host/:_authToken`) stay as they are. */
function fromEnvironment(env: NpmPlaces["env"]): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const [variable, value] of Object.entries(env)) {
    const name = /^npm_config_(.+)$/i.exec(variable)?.[1];
    if (name === undefined || value === "") continue;
    settings[name.startsWith("//") ? name : name.replace(/(?!^)_/g, "-").toLowerCase()] = value;
  }
  return settings;
}

/** Raw settings as the types that npm's definitions give them, with `~` and `${VARIABLE}` filled in. */
function valuesOf({ definitions, parseField, envReplace }: Npm, raw: Values, env: NpmPlaces["env"]): Values {
  const types = Object.fromEntries(Object.entries(definitions).map(([name, { type }]) => [name, type]));
  const platform = Deno.build.os === "windows" ? "win32" : Deno.build.os;
  const options = { types, platform, env, home: env.HOME ?? env.USERPROFILE };
  return Object.fromEntries(
    Object.entries(raw).map(([key, value]) => {
      const name = envReplace(key, env);
      return [name, parseField(value, name, options)];
    }),
  );
}

function connecting(values: Values): Values {
  return Object.fromEntries(
    Object.entries(values).filter(([name]) => CONNECTING.has(name) || /^\/\/|^@.*:registry$/.test(name)),
  );
}

async function readCertificates(
  path: string,
  { source, places }: { readonly source: string; readonly places: NpmPlaces },
): Promise<string> {
  const text = await places.readFile(path);
  if (text !== undefined) return text;
  throw new Error(
    `Cannot read npm's configuration: cafile in ${source} is ${path}, which does not exist or may not be read, ` +
      "correct it or take it out",
  );
}

/** Loads npm only when it is needed: a run that has its data does not use npm. */
async function loadNpm(): Promise<Npm> {
  const [{ default: { parse } }, { default: definitions }, parseField, envReplace] = await Promise.all([
    import("npm:ini@7.0.0"),
    import("npm:@npmcli/config@11.2.0/lib/definitions/index.js"),
    import("npm:@npmcli/config@11.2.0/lib/parse-field.js"),
    import("npm:@npmcli/config@11.2.0/lib/env-replace.js"),
  ]);
  return { ...definitions, parse, parseField: parseField.default, envReplace: envReplace.default };
}

function realPathIfAny(path: string): string | undefined {
  try {
    return Deno.realPathSync(path);
  } catch {
    // There is none, or it may not be read.
  }
}
