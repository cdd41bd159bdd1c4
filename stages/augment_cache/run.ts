/**
 * Draws the images, and makes their views where some are to be kept.
 *
 * @module
 */
import type { Artifact, Context } from "../../pipeline/stage.ts";
import { CLASSES, IMAGE_BYTES, readCifar, select, stratified } from "../../formats/cifar.ts";
import { createNpy, writeNpy } from "../../formats/npy.ts";
import { writePng } from "../../formats/png.ts";
import { contactSheet } from "../../treenet/augment/contact_sheet.ts";
import type { AugmentRecipe } from "../../treenet/augment/mod.ts";
import { AugmentPool } from "../../treenet/augment/pool.ts";
import { random } from "../../treenet/random.ts";
import type { AugmentCacheMeta, AugmentCacheParams, AugmentIndex, Round, Shard } from "./params.ts";

/** Names the draw of the training images in the random streams, beyond any image's index. */
const CHOICE = 0x7fff0001;
/** Images made at a time; a few megabytes. */
const CHUNK = 512;
const SHEET_ROWS = 6;

/** Writes the artifact's files. */
export async function run(
  context: Context,
  { seed, images: count, rounds, ...recipe }: AugmentCacheParams,
  { data }: { readonly data: Artifact<unknown> },
): Promise<AugmentCacheMeta> {
  const { train } = await readCifar(data.dir);
  if (count > train.labels.length) {
    throw new Error(
      `Cannot choose ${count} training images: there are ${train.labels.length}, set augment-cache.images to ` +
        "at most that",
    );
  }
  const chosen = stratified(train.labels, count, random(seed, CHOICE));
  await writeNpy(`${context.out}/images.npy`, { shape: [count], data: chosen });

  const used = select(train, chosen);
  await writeSheet(`${context.out}/contact_sheet.png`, { recipe, seed, chosen, ...used });
  const shards = Array.from({ length: rounds }, (_, round) => describeRound(round, { count, recipe }));
  if (rounds > 0) {
    using pool = await AugmentPool.create(recipe, used.images, { seed, workers: context.cores });
    for (const files of shards) await writeRound(context, { pool, chosen, files, rounds });
  }
  const index: AugmentIndex = { seed, images: count, recipe, rounds: shards };
  await Deno.writeTextFile(`${context.out}/index.json`, JSON.stringify(index, null, 2) + "\n");
  return {
    images: count,
    rounds,
    globals: recipe.globals.count,
    locals: recipe.locals.count,
    globalSize: recipe.globals.size,
    localSize: recipe.locals.size,
  };
}

function describeRound(
  round: number,
  { count, recipe }: { readonly count: number; readonly recipe: AugmentRecipe },
): Round {
  const shard = (kind: "globals" | "locals"): Shard => {
    const { count: views, size } = recipe[kind];
    const file = `round-${String(round).padStart(3, "0")}-${kind.slice(0, -1)}.npy`;
    return { file, shape: [count, views, size, size, 3] };
  };
  return {
    round,
    globals: shard("globals"),
    ...(recipe.locals.count > 0 ? { locals: shard("locals") } : {}),
  };
}

/** Makes the next chunk of views while the last one is written. */
async function writeRound(
  context: Context,
  work: {
    readonly pool: AugmentPool;
    readonly chosen: Int32Array;
    readonly files: Round;
    readonly rounds: number;
  },
): Promise<void> {
  const { pool, chosen, files: { round, globals, locals } } = work;
  const open = ({ file, shape }: Shard) => createNpy(`${context.out}/${file}`, { type: "uint8", shape });
  using large = await open(globals);
  using small = locals === undefined ? undefined : await open(locals);
  const make = (from: number) => {
    const part = chosen.subarray(from, from + CHUNK);
    return pool.views(round, Int32Array.from(part, (_, i) => from + i), part);
  };
  let next = make(0);
  for (let from = 0; from < chosen.length; from += CHUNK) {
    context.signal.throwIfAborted();
    const views = await next;
    if (from + CHUNK < chosen.length) next = make(from + CHUNK);
    await large.append(views.globals);
    await small?.append(views.locals);
    const done = Math.min(from + CHUNK, chosen.length);
    context.progress(round * chosen.length + done, work.rounds * chosen.length, `round ${round + 1}`);
  }
  large.finish();
  small?.finish();
}

/** The first image of each of some classes, with its views of round 0. */
async function writeSheet(
  path: string,
  work: {
    readonly recipe: AugmentRecipe;
    readonly seed: number;
    readonly chosen: Int32Array;
    readonly images: Uint8Array;
    readonly labels: Uint8Array;
  },
): Promise<void> {
  const { recipe, seed, chosen, images, labels } = work;
  const firsts = CLASSES.map((_, label) => labels.indexOf(label)).filter((index) => index >= 0);
  const rows = firsts.slice(0, SHEET_ROWS).map((index) => ({
    image: images.subarray(index * IMAGE_BYTES, (index + 1) * IMAGE_BYTES),
    key: { seed, image: chosen[index], round: 0 },
  }));
  await writePng(path, contactSheet(recipe, rows));
}
