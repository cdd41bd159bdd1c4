/**
 * Which training images are used, and, where the profile asks for it, their views made ahead of training: one pair
 * of shards a round. Epoch e of training uses round e mod rounds; with no rounds training makes the same bytes itself.
 *
 * @module
 */
import { z } from "zod";
import { type Context, defineStage } from "../pipeline/types.ts";
import download from "./download.ts";
import type { AugmentPool, AugmentRecipe } from "./treenet/augment/mod.ts";
import { augmentFields } from "./treenet/augment/recipe.ts";

const params = z.strictObject({
  seed: z.int().min(0),
  images: z.int().min(1).max(50_000).default(50_000)
    .describe("training images to use, as many of each class, drawn by the seed"),
  rounds: z.int().min(0).max(1000).default(0)
    .describe("rounds of views to keep on disk; 0 leaves them to training, which makes the same bytes"),
  ...augmentFields,
});

/** Shards of one round; shapes [n, views, size, size, 3]. */
interface Round {
  readonly round: number;
  readonly globals: Shard;
  /** Absent where the recipe has no local views. */
  readonly locals?: Shard;
}

interface Shard {
  readonly file: string;
  readonly shape: readonly number[];
}

/** `index.json`. */
export interface AugmentIndex {
  readonly seed: number;
  /** Number of images; which ones says `images.npy`, in the order of the shards. */
  readonly images: number;
  readonly recipe: AugmentRecipe;
  readonly rounds: readonly Round[];
}

/** Names the draw of the training images in the random streams, beyond any image's index. */
const CHOICE = 0x7fff0001;
/** Images made at a time; a few megabytes. */
const CHUNK = 512;
const SHEET_ROWS = 6;
/** Measured for the default recipe on one core, seconds. */
const SECONDS_A_BYTE = 0.21e-3 / 10_200;

export default defineStage({
  name: "augment-cache",
  module: import.meta.url,
  axes: ["seed"],
  inputs: { data: download },
  params,
  outputs: ["images.npy", "index.json", "contact_sheet.png"],
  needs: { cores: "all" },
  estimate({ images, rounds, globals, locals }) {
    const bytes = rounds * images *
      (globals.count * globals.size ** 2 + locals.count * locals.size ** 2) * 3;
    return {
      seconds: 3 + bytes * SECONDS_A_BYTE,
      disk: bytes + images * 4 + 1_000_000,
      memory: 600_000_000,
    };
  },
  async run(context, { seed, images: count, rounds, ...recipe }, { data }) {
    const { readCifar, select, stratified } = await import("./formats/cifar.ts");
    const { writeNpy } = await import("./formats/npy.ts");
    const { AugmentPool } = await import("./treenet/augment/pool.ts");
    const { random } = await import("./treenet/random.ts");

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
  },
});

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
  const { createNpy } = await import("./formats/npy.ts");
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
  const { CLASSES, IMAGE_BYTES } = await import("./formats/cifar.ts");
  const { writePng } = await import("./formats/png.ts");
  const { contactSheet } = await import("./treenet/augment/contact_sheet.ts");
  const { recipe, seed, chosen, images, labels } = work;
  const firsts = CLASSES.map((_, label) => labels.indexOf(label)).filter((index) => index >= 0);
  const rows = firsts.slice(0, SHEET_ROWS).map((index) => ({
    image: images.subarray(index * IMAGE_BYTES, (index + 1) * IMAGE_BYTES),
    key: { seed, image: chosen[index], round: 0 },
  }));
  await writePng(path, contactSheet(recipe, rows));
}
