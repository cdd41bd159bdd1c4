/**
 * The user's npm configuration, as npm's own fetcher wants it handed over: registry, credentials, proxies and
 * certificates from .npmrc files and from the environment, the environment first, then the project, then the user.
 *
 * @module
 */

/** Option name, or `//host/path/:option` for one registry's, → value. */
export type NpmConfig = Readonly<Record<string, unknown>>;

/** Where configuration is looked for; tests pass their own. */
export interface NpmPlaces {
  readonly env: Readonly<Record<string, string>>;
  /** Text of a file, or undefined where there is none or it may not be read. */
  readonly readFile: (path: string) => Promise<string | undefined>;
}

/** Names the fetcher knows under another name than the configuration has. */
const RENAMED: Readonly<Record<string, string>> = {
  "https-proxy": "httpsProxy",
  noproxy: "noProxy",
  "strict-ssl": "strictSSL",
  "local-address": "localAddress",
  "replace-registry-host": "replaceRegistryHost",
};

const KNOWN = new Set(["registry", "proxy", "ca", "cert", "key", "cafile", ...Object.keys(RENAMED)]);

/** This process's environment and files. */
export const HERE: NpmPlaces = {
  get env() {
    return Deno.env.toObject();
  },
  readFile: (path) => Deno.readTextFile(path).catch(() => undefined),
};

/** Reads the configuration. */
export async function readNpmConfig(places: NpmPlaces = HERE): Promise<NpmConfig> {
  const { env, readFile } = places;
  const settings: Record<string, string> = {};
  for (const path of npmrcPaths(env)) Object.assign(settings, parseNpmrc(await readFile(path) ?? "", env));
  Object.assign(settings, fromEnvironment(env));
  const { cafile, ...rest } = settings;
  const certificates = cafile === undefined ? undefined : await readFile(cafile);
  const config = Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [
      RENAMED[name] ?? name,
      value === "true" ? true : value === "false" ? false : value,
    ]),
  );
  return certificates === undefined ? config : { ca: certificates, ...config };
}

/**
 * The files and variables that {@linkcode readNpmConfig} and a connection made with it read: what the process that
 * fetches has to be allowed.
 */
export async function npmReads(
  { env, readFile }: NpmPlaces = HERE,
): Promise<{ readonly files: readonly string[]; readonly variables: readonly string[] }> {
  const files = [...npmrcPaths(env)];
  const named = new Set<string>();
  for (const path of [...files]) {
    const text = await readFile(path) ?? "";
    for (const [, name] of text.matchAll(/\$\{([^}]+)\}/g)) named.add(name);
    const { cafile } = parseNpmrc(text, env);
    if (cafile !== undefined) files.push(cafile);
  }
  const { cafile } = fromEnvironment(env);
  if (cafile !== undefined) files.push(cafile);
  return { files, variables: Object.keys(env).filter((name) => named.has(name) || concernsConnecting(name)) };
}

/** Configuration of npm, proxies, certificates. */
function concernsConnecting(variable: string): boolean {
  return /^npm_config_|^(https?|no|all)_proxy$/i.test(variable) ||
    /^(NODE_EXTRA_CA_CERTS|DENO_CERT|DENO_TLS_CA_STORE|SSL_CERT_FILE|SSL_CERT_DIR)$/.test(variable);
}

/** The files npm reads, those that win last: the user's, then the project's. */
export function npmrcPaths(env: Readonly<Record<string, string>>): readonly string[] {
  const home = env.HOME ?? env.USERPROFILE;
  const user = option(env, "userconfig") ?? (home === undefined ? undefined : `${home}/.npmrc`);
  return [option(env, "globalconfig"), user, ".npmrc"].filter((path) => path !== undefined);
}

/** `name = value` lines that concern fetching, with `${VARIABLE}` filled in from the environment. */
function parseNpmrc(text: string, env: Readonly<Record<string, string>>): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const match = /^\s*([^#;=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line);
    if (match === null || !concernsFetching(match[1])) continue;
    const value = match[2].replace(/^(["'])(.*)\1$/, "$2");
    settings[match[1]] = value.replace(/\$\{([^}]+)\}/g, (whole, name: string) => env[name] ?? whole);
  }
  return settings;
}

/** `npm_config_strict_ssl` → `strict-ssl`; names for one registry (`npm_config_//host/:_authToken`) stay as they are. */
function fromEnvironment(env: Readonly<Record<string, string>>): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const [variable, value] of Object.entries(env)) {
    const name = /^npm_config_(.+)$/i.exec(variable)?.[1];
    if (name === undefined || value === "") continue;
    const setting = name.startsWith("//") ? name : name.toLowerCase().replaceAll("_", "-");
    if (concernsFetching(setting)) settings[setting] = value;
  }
  return settings;
}

function concernsFetching(name: string): boolean {
  return KNOWN.has(name) || name.startsWith("//");
}

function option(env: Readonly<Record<string, string>>, name: string): string | undefined {
  return env[`npm_config_${name}`] ?? env[`NPM_CONFIG_${name.toUpperCase()}`];
}
