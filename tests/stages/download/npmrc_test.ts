import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type NpmConfig, npmReads, readNpmConfig } from "../../../stages/download/npmrc.ts";

type Texts = Readonly<Record<string, string>>;

const HOME = "/home/me";
const USER = `${HOME}/.npmrc`;
const PROJECT = ".npmrc";

function places(files: Texts, env: Texts = {}, node?: string) {
  return { env: { HOME, ...env }, node, readFile: (path: string) => Promise.resolve(files[path]) };
}

const read = (files: Texts, env?: Texts, node?: string) => readNpmConfig(places(files, env, node));

/** npm's own settings, where no file and no variable has any. */
const DEFAULTS = {
  replaceRegistryHost: "npmjs",
  timeout: 300_000,
  retry: { retries: 2, factor: 10, minTimeout: 10_000, maxTimeout: 60_000 },
  strictSSL: true,
  maxSockets: 15,
  ca: null,
  proxy: null,
  httpsProxy: null,
  noProxy: "",
  localAddress: null,
};

Deno.test("npmrc: without files and variables npm's defaults hold", async () => {
  const { cert: _cert, key: _key, registry, ...config } = await read({});
  assertEquals(config, DEFAULTS as NpmConfig);
  assertEquals(new URL(registry as string).protocol, "https:");
});

const PEM = "-----BEGIN CERTIFICATE-----\nAAA\n-----END CERTIFICATE-----";
const ESCAPED = PEM.replaceAll("\n", "\\n");

/** Text of a user's .npmrc → what the fetcher is told. */
const LINES: readonly (readonly [string, string, NpmConfig])[] = [
  ["a registry", "registry = https://r.example/npm/", { registry: "https://r.example/npm/" }],
  ["comments", "# a\n; b\nregistry=https://r/ ; ours\n//r/:_authToken=abc # of CI", {
    registry: "https://r/",
    "//r/:_authToken": "abc",
  }],
  ["CRLF and a byte order mark", "\ufeffregistry=https://r/\r\nstrict-ssl=false\r\n", {
    registry: "https://r/",
    strictSSL: false,
  }],
  ["what is quoted", `registry="https://r/"\n//r/:_authToken='a;b#c'`, {
    registry: "https://r/",
    "//r/:_authToken": "a;b#c",
  }],
  ["the last of two lines", "registry=https://a/\nregistry=https://b/", { registry: "https://b/" }],
  ["the registry of a scope", "@us:registry=https://r/", { "@us:registry": "https://r/" }],
  ["a user with a password", "//r/:username=me\n//r/:_password=c2VjcmV0\n//r/:_auth=bWU6c2VjcmV0", {
    "//r/:username": "me",
    "//r/:_password": "c2VjcmV0",
    "//r/:_auth": "bWU6c2VjcmV0",
  }],
  ["proxies", "proxy=http://p:1\nhttps-proxy=http://p:2\nnoproxy=a.example,b.example", {
    proxy: "http://p:1",
    httpsProxy: "http://p:2",
    noProxy: "a.example,b.example",
  }],
  ["no proxies", "proxy=null\nhttps-proxy=null\nproxy=false", { proxy: false, httpsProxy: null }],
  ["one certificate", `ca="${ESCAPED}"`, { ca: [PEM] }],
  ["a list of certificates", `ca[]="${ESCAPED}"\nca[]="B"`, { ca: [PEM, "B"] }],
  ["a file of certificates", "cafile=~/corp.pem", { ca: PEM }],
  ["variables", "//r/:_authToken=${TOKEN}\n//${HOST}/:email=${NONE?}\nproxy=${NONE}", {
    "//r/:_authToken": "secret",
    "//h/:email": "",
    proxy: "${NONE}",
  }],
  ["times and retries", "fetch-timeout=600000\nfetch-retries=5\nfetch-retry-mintimeout=1\nmaxsockets=3", {
    timeout: 600_000,
    retry: { ...DEFAULTS.retry, retries: 5, minTimeout: 1 },
    maxSockets: 3,
  }],
  ["an address", "local-address=192.0.2.1", { localAddress: "192.0.2.1" }],
  ["a switch without a value", "strict-ssl", { strictSSL: true }],
];

for (const [name, text, expected] of LINES) {
  Deno.test(`npmrc: ${name}, as npm reads it`, async () => {
    const env = { TOKEN: "secret", HOST: "h" };
    const config = await read({ [USER]: text, [`${HOME}/corp.pem`]: PEM }, env);
    assertEquals({ ...config, ...expected }, config);
  });
}

Deno.test("npmrc: what concerns no connection is left out, npm's cache first of all", async () => {
  const { cache, offline, before } = await read({
    [USER]: "cache=/c\noffline=true\nbefore=2020-01-01\nfund=false",
  });
  assertEquals([cache, offline, before], [undefined, undefined, undefined]);
});

Deno.test("npmrc: variables win over the project's file, that over the user's, that over the installation's", async () => {
  const lines = (...names: string[]) => names.map((name) => `//${name}/:_auth=${names.length}`).join("\n");
  const files = {
    "/opt/node/etc/npmrc": lines("a", "b", "c", "d"),
    [USER]: lines("a", "b", "c"),
    [PROJECT]: lines("a", "b"),
  };
  const config = await read(files, { "npm_config_//a/:_auth": "1" }, "/opt/node/bin/node");
  assertEquals(["a", "b", "c", "d"].map((name) => config[`//${name}/:_auth`]), ["1", "2", "3", "4"]);
});

Deno.test("npmrc: a setting may be a variable in any case, with - or _", async () => {
  for (const name of ["npm_config_https_proxy", "NPM_CONFIG_HTTPS_PROXY", "npm_config_https-proxy"]) {
    assertEquals((await read({}, { [name]: "http://p" })).httpsProxy, "http://p");
  }
  assertEquals(
    (await read({ [USER]: "registry=https://u/" }, { npm_config_registry: "" })).registry,
    "https://u/",
  );
});

for (
  const [name, files, env] of [
    ["userconfig by variable", { "/u": "registry=https://r/" }, { NPM_CONFIG_USERCONFIG: "/u" }],
    ["userconfig of the project", { [PROJECT]: "userconfig=/u", "/u": "registry=https://r/" }, {}],
    ["globalconfig by variable", { "/g": "registry=https://r/" }, { npm_config_globalconfig: "/g" }],
    ["globalconfig of the user", { [USER]: "globalconfig=/g", "/g": "registry=https://r/" }, {}],
    ["the prefix by variable", { "/p/etc/npmrc": "registry=https://r/" }, { npm_config_prefix: "/p" }],
    ["the user's prefix", { [USER]: "prefix=~/p", [`${HOME}/p/etc/npmrc`]: "registry=https://r/" }, {}],
    ["PREFIX", { "/p/etc/npmrc": "registry=https://r/" }, { PREFIX: "/p" }],
  ] as readonly (readonly [string, Texts, Texts])[]
) {
  Deno.test(`npmrc: ${name} says where another file is, which the sandbox is told`, async () => {
    assertEquals((await read(files, env)).registry, "https://r/");
    const { files: named } = await npmReads(places(files, env));
    assertEquals(Object.keys(files).filter((path) => !named.includes(path)), []);
  });
}

Deno.test("npmrc: a file of certificates that is not there is named, with who names it", async () => {
  const { message } = await assertRejects(() => read({ [USER]: "cafile=/none.pem" })) as Error;
  assertStringIncludes(message, `cafile in ${USER} is /none.pem, which does not exist or may not be read`);
});

Deno.test("npmrc: what a fetch has to be allowed are its configuration, certificates and the variables they name", async () => {
  const files: Texts = {
    [USER]: "//host/:_authToken=${TOKEN?}\ncafile=~/ca.pem\nsave-exact=${OTHER}",
    "/g": "//host/:certfile=/me.pem\n//host/:keyfile=/me.key",
  };
  const env = {
    TOKEN: "t",
    SECRET: "s",
    npm_config_globalconfig: "/g",
    HTTPS_PROXY: "p",
    SSL_CERT_FILE: "/c",
  };
  const { files: read, variables } = await npmReads(places(files, env));
  assertEquals(read, ["/g", USER, PROJECT, "/me.pem", "/me.key", `${HOME}/ca.pem`]);
  assertEquals(variables, ["HOME", "TOKEN", "npm_config_globalconfig", "HTTPS_PROXY", "SSL_CERT_FILE"]);
});

Deno.test("npmrc: the node that decides where the installation's file is may be looked at", async () => {
  const { files } = await npmReads(places({}, {}, "/opt/node/bin/node"));
  assertEquals(files, ["/opt/node/etc/npmrc", USER, PROJECT, "/opt/node/bin/node"]);
  const named = await npmReads(places({}, { npm_config_globalconfig: "/g" }, "/opt/node/bin/node"));
  assertEquals(named.files, ["/g", USER, PROJECT]);
});
