import { assertEquals } from "@std/assert";
import { npmrcPaths, npmReads, readNpmConfig } from "../../../stages/download/npmrc.ts";

const read = (files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) =>
  readNpmConfig({
    env: { HOME: "/home/me", ...env },
    readFile: (path) => Promise.resolve(files[path]),
  });

Deno.test("npmrc: registry, credentials and proxies are read under the fetcher's names", async () => {
  const config = await read({
    "/home/me/.npmrc": [
      "# a comment",
      "registry = https://mirror.example/npm/",
      "//mirror.example/npm/:_authToken=secret",
      'https-proxy="http://proxy.example:3128"',
      "strict-ssl=false",
      "fund=false",
      "[section]",
    ].join("\r\n"),
  });
  assertEquals(config, {
    registry: "https://mirror.example/npm/",
    "//mirror.example/npm/:_authToken": "secret",
    httpsProxy: "http://proxy.example:3128",
    strictSSL: false,
  });
});

Deno.test("npmrc: the environment wins over the project's file, that over the user's", async () => {
  const files = { "/home/me/.npmrc": "registry=a\nproxy=a\nnoproxy=a", ".npmrc": "registry=b\nproxy=b" };
  const env = { npm_config_registry: "c", npm_config_user_agent: "npm", NPM_CONFIG_STRICT_SSL: "true" };
  assertEquals(await read(files, env), { registry: "c", proxy: "b", noProxy: "a", strictSSL: true });
});

Deno.test("npmrc: variables are filled in, unknown ones stay", async () => {
  const files = { ".npmrc": "//x/:_authToken=${TOKEN}\nproxy=${NONE}" };
  assertEquals(await read(files, { TOKEN: "t" }), { "//x/:_authToken": "t", proxy: "${NONE}" });
});

Deno.test("npmrc: a certificate file is read", async () => {
  assertEquals(await read({ ".npmrc": "cafile=/ca.pem", "/ca.pem": "PEM" }), { ca: "PEM" });
});

Deno.test("npmrc: no files and no variables give no configuration", async () => {
  assertEquals(await read({}), {});
  assertEquals(npmrcPaths({}), [".npmrc"]);
  assertEquals(npmrcPaths({ HOME: "/h", npm_config_userconfig: "/u" }), ["/u", ".npmrc"]);
});

Deno.test("npmrc: what a fetch has to be allowed are its configuration, certificates and the variables they name", async () => {
  const files: Record<string, string> = {
    "/h/.npmrc": "//host/:_authToken=${TOKEN}\ncafile=/h/ca.pem\nsave-exact=${OTHER}",
    "/g": "registry=https://host/",
  };
  const env = {
    HOME: "/h",
    TOKEN: "t",
    SECRET: "s",
    npm_config_globalconfig: "/g",
    HTTPS_PROXY: "p",
    SSL_CERT_FILE: "/c",
  };
  const { files: read, variables } = await npmReads({
    env,
    readFile: (path) => Promise.resolve(files[path]),
  });
  assertEquals(read, ["/g", "/h/.npmrc", ".npmrc", "/h/ca.pem"]);
  assertEquals(variables, ["TOKEN", "npm_config_globalconfig", "HTTPS_PROXY", "SSL_CERT_FILE"]);
});
