import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Artifact, Context, Digest } from "../../../pipeline/stage.ts";
import augmentCache from "../../../stages/augment_cache/mod.ts";
import type { AugmentIndex } from "../../../stages/augment_cache/params.ts";
import { run as runAugmentCache } from "../../../stages/augment_cache/run.ts";
import { readCifar, select } from "../../../formats/cifar.ts";
import { type Npy, readNpy } from "../../../formats/npy.ts";
import { decodePng } from "../../../formats/png.ts";
import { augmentRecipe, makeViews } from "../../../treenet/augment/mod.ts";
import { writeTinyCifar } from "../../fixtures/tiny_cifar.ts";

const root = await Deno.makeTempDir();
globalThis.addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));
await Deno.mkdir(`${root}/data`);
await writeTinyCifar(`${root}/data`, { perBatch: 30 });

const data = artifact({ train: 150, test: 30 });
let runs = 0;

/** Runs the stage on 150 training images; returns its folder, its meta and the progress it reported. */
async function run(section: Record<string, unknown>, options: { cores?: number; signal?: AbortSignal } = {}) {
  const out = `${root}/${runs++}`;
  await Deno.mkdir(out);
  const progress: [number, number][] = [];
  const context: Context = {
    out,
    scratch: out,
    signal: options.signal ?? new AbortController().signal,
    cores: options.cores ?? 2,
    backend: "cpu",
    hints: {},
    modules: {},
    progress: (done, total) => progress.push([done, total]),
    record: () => {},
  };
  const params = augmentCache.params.parse({ seed: 0, images: 50, ...section });
  const meta = await runAugmentCache(context, params, { data });
  return { out, meta, progress };
}

function artifact<Meta>(meta: Meta): Artifact<Meta> {
  const digest = "" as Digest;
  const key = { stage: "download", params: {}, code: {}, packages: {}, inputs: {}, environment: {} };
  return { task: "download", point: {}, digest, key, dir: `${root}/data`, files: {}, meta };
}

async function digests(dir: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { name } of [...Deno.readDirSync(dir)].sort((a, b) => a.name < b.name ? -1 : 1)) {
    const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(`${dir}/${name}`));
    found[name] = new Uint8Array(digest).toHex();
  }
  return found;
}

Deno.test("augment-cache: without rounds it holds the choice of images, index and contact sheet", async () => {
  const { out, meta } = await run({});
  assertEquals(meta, { images: 50, rounds: 0, globals: 2, locals: 8, globalSize: 32, localSize: 13 });
  assertEquals(Object.keys(await digests(out)), ["contact_sheet.png", "images.npy", "index.json"]);
  const index: AugmentIndex = JSON.parse(await Deno.readTextFile(`${out}/index.json`));
  assertEquals(index, { seed: 0, images: 50, recipe: augmentRecipe.parse({}), rounds: [] });
});

Deno.test("augment-cache: shards hold the views of the chosen images, round after round", async () => {
  const { out, progress } = await run({ rounds: 2, locals: { count: 3 }, seed: 4 });
  const { recipe, rounds }: AugmentIndex = JSON.parse(await Deno.readTextFile(`${out}/index.json`));
  const { data: chosen } = await readNpy(`${out}/images.npy`, "int32");
  const { images } = select((await readCifar(data.dir)).train, chosen);
  assertEquals(rounds.map(({ round, globals, locals }) => [round, globals.file, locals!.file]), [
    [0, "round-000-global.npy", "round-000-local.npy"],
    [1, "round-001-global.npy", "round-001-local.npy"],
  ]);
  for (const { round, globals, locals } of rounds) {
    const large = await readNpy(`${out}/${globals.file}`), small = await readNpy(`${out}/${locals!.file}`);
    for (const row of [0, 17, 49]) {
      const image = images.subarray(row * 3072, (row + 1) * 3072);
      const expected = makeViews(recipe, image, { seed: 4, image: chosen[row], round });
      assertEquals(rowOf(large, row), { shape: [2, 32, 32, 3], data: expected.globals });
      assertEquals(rowOf(small, row), { shape: [3, 13, 13, 3], data: expected.locals });
    }
  }
  assertEquals(progress.at(-1), [100, 100]);
});

function rowOf({ shape: [rows, ...shape], data }: Npy, row: number) {
  const size = data.length / rows;
  return { shape, data: data.slice(row * size, (row + 1) * size) };
}

Deno.test("augment-cache: the number of cores changes no byte", async () => {
  const [one, three] = [await run({ rounds: 1 }, { cores: 1 }), await run({ rounds: 1 }, { cores: 3 })];
  assertEquals(await digests(three.out), await digests(one.out));
});

Deno.test("augment-cache: seeds share neither images nor views", async () => {
  const [a, b] = [
    await digests((await run({ rounds: 1 })).out),
    await digests((await run({ rounds: 1, seed: 1 })).out),
  ];
  for (const name of Object.keys(a)) assert(a[name] !== b[name], `${name} is the same`);
});

Deno.test("augment-cache: the chosen images are balanced", async () => {
  const { out } = await run({ images: 70 });
  const { data: chosen } = await readNpy(`${out}/images.npy`, "int32");
  const { labels } = select((await readCifar(data.dir)).train, chosen);
  for (let label = 0; label < 10; label++) assertEquals(labels.filter((l) => l === label).length, 7);
});

Deno.test("augment-cache: without local views there are no shards and no columns of them", async () => {
  const { out } = await run({ rounds: 1, locals: { count: 0 } });
  assertEquals(Object.keys(await digests(out)), [
    "contact_sheet.png",
    "images.npy",
    "index.json",
    "round-000-global.npy",
  ]);
  const { width, height } = decodePng(await Deno.readFile(`${out}/contact_sheet.png`));
  assertEquals([width, height], [6 + 3 * 102 + 18, 6 + 6 * 102]);
});

Deno.test("augment-cache: the contact sheet shows originals and views, enlarged, between white gutters", async () => {
  const { out } = await run({});
  const { width, height, data } = decodePng(await Deno.readFile(`${out}/contact_sheet.png`));
  assertEquals([width, height], [6 + 11 * 102 + 2 * 18, 6 + 6 * 102]);
  const pixel = (x: number, y: number) => [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
  assertEquals([pixel(0, 0), pixel(width - 1, height - 1), pixel(104, 50)], Array(3).fill([255, 255, 255]));
  assertEquals(pixel(6, 6), pixel(8, 8)); // one pixel of the original, three times as large
});

Deno.test("augment-cache: more images than there are is an error that says how many", async () => {
  await assertRejects(() => run({ images: 151 }), Error, "there are 150, set augment-cache.images");
});

Deno.test("augment-cache: an interruption stops it", async () => {
  const signal = AbortSignal.abort(new Error("stopped by hand"));
  await assertRejects(() => run({ rounds: 1 }, { signal }), Error, "stopped by hand");
});

Deno.test("augment-cache: the estimate of disk is the size of the shards, to a megabyte", async () => {
  const section = { seed: 0, images: 150, rounds: 2 };
  const { out } = await run(section);
  const size = [...Deno.readDirSync(out)].reduce(
    (sum, { name }) => sum + Deno.statSync(`${out}/${name}`).size,
    0,
  );
  const { disk } = augmentCache.estimate!(augmentCache.params.parse(section), { modules: {}, inputs: {} });
  assert(Math.abs(disk! - size) <= 1_000_000);
});
